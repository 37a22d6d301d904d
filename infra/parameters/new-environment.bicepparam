using '../main.bicep'

// Only what is required; everything else has its default.
param environmentName = 'autoscaler'
param location = 'westeurope'
param clusterKind = 'elastic-cluster'
param clusterName = 'orders'
param clusterResourceGroup = 'rg-orders'
param pgConnectionUrl = readEnvironmentVariable('PG_CONNECTION_URL')
param webhookSecrets = readEnvironmentVariable('WEBHOOK_SECRETS')
