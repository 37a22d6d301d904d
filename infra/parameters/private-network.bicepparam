using '../main.bicep'

// The functions reach coordinator, storage and vault through private endpoints and sign in to PostgreSQL with their identity. No instance
// is kept ready.
param environmentName = 'autoscaler'
param location = 'westeurope'
param functionsNodeVersion = '22'
param keepOneReady = false
param privateNetwork = true
param clusterKind = 'elastic-cluster'
param clusterName = 'orders'
param clusterResourceGroup = 'rg-orders'
param pgAuthentication = 'entra'
param pgConnectionUrl = readEnvironmentVariable('PG_CONNECTION_URL')
param webhookSecrets = readEnvironmentVariable('WEBHOOK_SECRETS')
