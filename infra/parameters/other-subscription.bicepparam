using '../main.bicep'

// Azure Cosmos DB for PostgreSQL in another subscription. Every scale-out sends its administrator's password, a lock prevents its deletion,
// and Azure Monitor watches it.
param environmentName = 'autoscaler'
param location = 'westeurope'
param clusterKind = 'cosmosdb-postgresql'
param clusterName = 'orders'
param clusterResourceGroup = 'rg-orders'
param clusterSubscriptionId = '22222222-2222-2222-2222-222222222222'
param clusterAdminPassword = readEnvironmentVariable('CLUSTER_ADMIN_PASSWORD')
param pgConnectionUrl = readEnvironmentVariable('PG_CONNECTION_URL')
param webhookSecrets = readEnvironmentVariable('WEBHOOK_SECRETS')
param autoscaleMode = 'dry-run'
param lockCluster = true
param alertEmail = 'dba@example.com'
