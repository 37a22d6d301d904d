using '../main.bicep'

// The functions reach the coordinator over a private endpoint, and nothing is kept ready.
param environmentName = 'autoscaler'
param location = 'westeurope'
param keepOneReady = false
param privateNetwork = true
param clusterKind = 'elastic-cluster'
param clusterName = 'orders'
param clusterResourceGroup = 'rg-orders'
param pgConnectionUrl = readEnvironmentVariable('PG_CONNECTION_URL')
param webhookSecrets = readEnvironmentVariable('WEBHOOK_SECRETS')
