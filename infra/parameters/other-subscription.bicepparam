using '../main.bicep'

// The cluster belongs to another subscription, and its administrator's password goes along with every scale-out.
param environmentName = 'autoscaler'
param location = 'westeurope'
param clusterName = 'orders'
param clusterResourceGroup = 'rg-orders'
param clusterSubscriptionId = '22222222-2222-2222-2222-222222222222'
param clusterAdminPassword = readEnvironmentVariable('CLUSTER_ADMIN_PASSWORD')
param pgConnectionUrl = readEnvironmentVariable('PG_CONNECTION_URL')
param webhookSecrets = readEnvironmentVariable('WEBHOOK_SECRETS')
param autoscaleMode = 'dry-run'
