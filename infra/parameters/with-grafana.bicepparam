using '../main.bicep'

// With a Grafana of its own, which may read the cluster's metrics.
param environmentName = 'autoscaler'
param location = 'westeurope'
param withGrafana = true
param clusterName = 'orders'
param clusterResourceGroup = 'rg-orders'
param pgConnectionUrl = readEnvironmentVariable('PG_CONNECTION_URL')
param webhookSecrets = readEnvironmentVariable('WEBHOOK_SECRETS')
