using '../main.bicep'

// With its own Grafana, which may read the cluster's metrics, and an alert in Azure Monitor that does not depend on it.
param environmentName = 'autoscaler'
param location = 'westeurope'
param withGrafana = true
param alertEmail = 'dba@example.com; oncall@example.com;'
param clusterKind = 'elastic-cluster'
param clusterName = 'orders'
param clusterResourceGroup = 'rg-orders'
param pgConnectionUrl = readEnvironmentVariable('PG_CONNECTION_URL')
param webhookSecrets = readEnvironmentVariable('WEBHOOK_SECRETS')
