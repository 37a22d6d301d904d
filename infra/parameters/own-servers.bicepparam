using '../main.bicep'

// Open-source Citus on your own servers, reached by peering the networks. No rights on a cluster in Azure are given, and Azure can neither
// lock nor watch it, whatever these parameters say.
param environmentName = 'autoscaler'
param location = 'westeurope'
param privateNetwork = true
param clusterKind = 'citus'
param clusterName = 'orders'
param alertEmail = 'dba@example.com'
param lockCluster = true
param clusterResourceGroup = ''
param citusWorkerPool = '10.0.0.5:5432,10.0.0.6:5432'
param pgConnectionUrl = readEnvironmentVariable('PG_CONNECTION_URL')
param webhookSecrets = readEnvironmentVariable('WEBHOOK_SECRETS')
