using '../main.bicep'

// With a Grafana of its own, which may read the cluster's metrics, and with Azure Monitor as a witness beside it.
param environmentName = 'autoscaler'
param location = 'westeurope'
param withGrafana = true
param alertEmail = 'dba@example.com; oncall@example.com;'
param clusterKind = 'elastic-cluster'
param clusterName = 'orders'
param clusterResourceGroup = 'rg-orders'
param pgConnectionUrl = readEnvironmentVariable('PG_CONNECTION_URL')
param webhookSecrets = readEnvironmentVariable('WEBHOOK_SECRETS')
