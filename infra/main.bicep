metadata description = 'The functions and what they need, in a resource group of their own, and their rights on a cluster that exists.'

targetScope = 'subscription'

@description('Name of this environment. The names of all resources are made from it.')
@minLength(1)
@maxLength(60)
param environmentName string

@description('Region of all resources. It may differ from the cluster\'s.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Node version of the functions.')
@allowed(['22', '24'])
param functionsNodeVersion string = '24'

@description('Whether one instance is always ready, so that no alert waits for a cold start. It costs money even when idle.')
param keepOneReady bool = true

@description('Whether the functions reach the cluster, their storage and their vault only through a virtual network. Storage and vault then have no public access.')
param privateNetwork bool = false

@description('Addresses of that virtual network, /24 or larger.')
param addressPrefix string = '10.60.0.0/24'

@description('Whether to create an Azure Managed Grafana workspace that may read the cluster\'s metrics.')
param withGrafana bool = false

@description('E-mail addresses, with ; between them. Azure Monitor sends them a mail when the cluster stays hot, independently of Grafana. Empty: none. Not for citus.')
param alertEmail string = ''

@description('Whether a lock prevents the deletion of the cluster, its firewall rules and its database roles. Not for citus.')
param lockCluster bool = false

@description('Principal id of the person who may read and change the secrets and becomes Grafana Admin. Empty: nobody.')
param administratorId string = deployer().objectId

@description('What the functions do: on; dry-run only answers what they would do; paused does nothing.')
@allowed(['on', 'dry-run', 'paused'])
param autoscaleMode string = 'on'

@description('Kind of the cluster.')
@allowed(['elastic-cluster', 'cosmosdb-postgresql', 'citus'])
param clusterKind string = 'cosmosdb-postgresql'

@description('Name of the cluster.')
@minLength(1)
@maxLength(63)
param clusterName string

@description('Resource group of the cluster. Not used for citus.')
param clusterResourceGroup string

@description('Id of the subscription of the cluster.')
param clusterSubscriptionId string = subscription().subscriptionId

@description('Password of the cluster\'s administrator, if every scale-out must send it. Sending it sets the password again.')
@secure()
param clusterAdminPassword string = ''

@description('Connection URL of the coordinator: postgres://user:password@host:5432/postgres. With pgAuthentication entra: without a password.')
@secure()
@minLength(1)
param pgConnectionUrl string

@description('How the functions sign in to PostgreSQL: password; or entra, with a token of their identity, which must be a role in PostgreSQL.')
@allowed(['password', 'entra'])
param pgAuthentication string = 'password'

@description('PEM certificate of the private authority that signed the coordinator\'s certificate. Empty: the public authorities.')
param pgCaCertificate string = ''

@description('Only for citus, where it is required: servers to add, in this order, as host:port,…')
param citusWorkerPool string = ''

@description('Mean CPU of the workers in percent that a scale-out aims at.')
@minValue(1)
@maxValue(100)
param scaleOutTargetCpuPercent int = 65

@description('The refId in the alert\'s values that holds the workers\' mean CPU in percent.')
@minLength(1)
param scaleOutCpuRefId string = 'cpu_percent'

@description('Workers to add when the alert has no usable CPU value.')
@minValue(1)
@maxValue(100)
param scaleOutStep int = 1

@description('Workers to add at once, at most.')
@minValue(1)
@maxValue(100)
param scaleOutMaxStep int = 4

@description('Workers that the cluster may have, at most.')
@minValue(1)
@maxValue(1000)
param scaleOutMaxWorkers int = 20

@description('Minutes from the end of a scale-out to the next one.')
@minValue(0)
@maxValue(1440)
param scaleOutCooldownMinutes int = 15

@description('The same for rebalance alone: on, dry-run, paused. Empty: as autoscaleMode.')
@allowed(['', 'on', 'dry-run', 'paused'])
param rebalanceMode string = ''

@description('Rebalance strategy of Citus: a name from pg_dist_rebalance_strategy.')
@minLength(1)
param rebalanceStrategy string = 'by_shard_count'

@description('How Citus moves a shard.')
@allowed(['auto', 'force_logical', 'block_writes'])
param rebalanceShardTransferMode string = 'block_writes'

@description('Secrets, comma-separated. A webhook must prove that it knows one of them. azd generates one and remembers it.')
@secure()
@minLength(16)
@metadata({ azd: { type: 'generate', config: { length: 48, noSpecial: true } } })
param webhookSecrets string

@description('Seconds by which a webhook\'s timestamp may differ from the clock.')
@minValue(1)
@maxValue(86400)
param webhookToleranceSeconds int = 300

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var functionAppName = 'func-${token}'
var vaultName = 'kv-${token}'
var onAzure = clusterKind != 'citus'
var clusterType = clusterKind == 'elastic-cluster' ? 'flexibleServers' : 'serverGroupsv2'
var clusterId = onAzure
  ? resourceId(clusterSubscriptionId, clusterResourceGroup, 'Microsoft.DBforPostgreSQL/${clusterType}', clusterName)
  : ''

// A test compares these settings with the schema in src/settings.ts. An empty one counts as not set.
var settings = {
  AUTOSCALE_MODE: autoscaleMode
  CLUSTER_KIND: clusterKind
  CLUSTER_NAME: clusterName
  AZURE_SUBSCRIPTION_ID: onAzure ? clusterSubscriptionId : ''
  AZURE_RESOURCE_GROUP: onAzure ? clusterResourceGroup : ''
  AZURE_RESOURCE_MANAGER_ENDPOINT: onAzure ? environment().resourceManager : ''
  CLUSTER_ADMIN_PASSWORD: empty(clusterAdminPassword) ? '' : secretReference(vaultName, 'cluster-admin-password')
  PG_CONNECTION_URL: secretReference(vaultName, 'pg-connection-url')
  PG_AUTHENTICATION: pgAuthentication
  PG_CA_CERTIFICATE: pgCaCertificate
  CITUS_WORKER_POOL: citusWorkerPool
  SCALE_OUT_TARGET_CPU_PERCENT: string(scaleOutTargetCpuPercent)
  SCALE_OUT_CPU_REF_ID: scaleOutCpuRefId
  SCALE_OUT_STEP: string(scaleOutStep)
  SCALE_OUT_MAX_STEP: string(scaleOutMaxStep)
  SCALE_OUT_MAX_WORKERS: string(scaleOutMaxWorkers)
  SCALE_OUT_COOLDOWN_MINUTES: string(scaleOutCooldownMinutes)
  REBALANCE_MODE: rebalanceMode
  REBALANCE_STRATEGY: rebalanceStrategy
  REBALANCE_SHARD_TRANSFER_MODE: rebalanceShardTransferMode
  WEBHOOK_SECRETS: secretReference(vaultName, 'webhook-secrets')
  WEBHOOK_TOLERANCE_SECONDS: string(webhookToleranceSeconds)
}

@description('A reference that the platform replaces with the secret. It names no version, so a changed secret arrives within a day.')
func secretReference(vault string, secret string) string =>
  '@Microsoft.KeyVault(VaultName=${vault};SecretName=${secret})'

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: 'id-${token}', location: location, tags: tags }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    private: privateNetwork
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: 'log-${token}'
    insightsName: 'appi-${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: vaultName
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    administratorId: administratorId
    workspaceId: monitoring.outputs.workspaceId
    private: privateNetwork
    pgConnectionUrl: pgConnectionUrl
    webhookSecrets: webhookSecrets
    clusterAdminPassword: clusterAdminPassword
  }
}

// The cluster may be in another resource group or another subscription.
module clusterRights 'modules/cluster-rights.bicep' = if (onAzure) {
  scope: resourceGroup(clusterSubscriptionId, clusterResourceGroup)
  params: {
    clusterType: clusterType
    clusterName: clusterName
    functionAppName: functionAppName
    principalId: identity.outputs.principalId
  }
}

module clusterLock 'modules/cluster-lock.bicep' = if (onAzure && lockCluster) {
  scope: resourceGroup(clusterSubscriptionId, clusterResourceGroup)
  params: { clusterType: clusterType, clusterName: clusterName, functionAppName: functionAppName }
}

module witness 'modules/witness.bicep' = if (onAzure && !empty(alertEmail)) {
  scope: group
  params: {
    name: 'hot-${clusterName}'
    tags: tags
    clusterId: clusterId
    clusterType: clusterType
    addresses: filter(map(split(alertEmail, ';'), address => trim(address)), address => !empty(address))
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
    addressPrefix: addressPrefix
  }
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (privateNetwork) {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
    storageId: storage.outputs.id
    vaultId: vault.outputs.id
    clusterType: clusterType
    clusterId: clusterId
  }
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    name: functionAppName
    planName: 'plan-${token}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    blobEndpoint: storage.outputs.blobEndpoint
    packageContainer: storage.outputs.packageContainer
    insightsName: monitoring.outputs.insightsName
    nodeVersion: functionsNodeVersion
    keepOneReady: keepOneReady
    subnetId: network.?outputs.functionsSubnetId ?? ''
    settings: settings
  }
  // Key Vault references are resolved when the settings are written: the right to read the vault and the network path must exist by then.
  dependsOn: [vault, privateEndpoints]
}

module grafana 'modules/grafana.bicep' = if (withGrafana) {
  scope: group
  params: { name: 'amg-${token}', location: location, tags: tags, administratorId: administratorId }
}

module grafanaReadsMetrics 'modules/monitoring-reader.bicep' = if (withGrafana && onAzure) {
  scope: resourceGroup(clusterSubscriptionId, clusterResourceGroup)
  params: { principalId: grafana!.outputs.principalId }
}

module grafanaReadsLogs 'modules/log-reader.bicep' = if (withGrafana) {
  scope: group
  params: { workspaceName: 'log-${token}', principalId: grafana!.outputs.principalId }
  dependsOn: [monitoring]
}

@description('Resource group of the functions.')
output AUTOSCALER_RESOURCE_GROUP string = group.name

@description('Name of the function app.')
output AUTOSCALER_NAME string = functionAppName

@description('Address of the functions, for Grafana\'s contact points.')
output AUTOSCALER_URL string = app.outputs.url

@description('Name of the identity that the functions run as.')
output AUTOSCALER_IDENTITY string = identity.outputs.name

@description('Object id of that identity. PostgreSQL identifies it by this.')
output AUTOSCALER_IDENTITY_OBJECT_ID string = identity.outputs.principalId

@description('Id of the cluster. Empty for citus.')
output AUTOSCALER_CLUSTER_ID string = clusterId

@description('Kind of the cluster.')
output AUTOSCALER_CLUSTER_KIND string = clusterKind

@description('How the functions sign in to PostgreSQL.')
output AUTOSCALER_PG_AUTHENTICATION string = pgAuthentication

@description('Whether storage and vault can be reached only from the virtual network: true or false.')
output AUTOSCALER_PRIVATE string = string(privateNetwork)

@description('Name of the vault that holds the secrets.')
output AUTOSCALER_VAULT string = vault.outputs.name

@description('Address of Grafana. Empty without one.')
output GRAFANA_URL string = grafana.?outputs.url ?? ''
