metadata description = 'An elastic cluster to try the autoscaler on, without a standby. Not for production.'

@description('Name of the cluster; it is the first part of its host name, so it must be free in all of Azure.')
@minLength(3)
@maxLength(63)
param name string

@description('Region of the cluster.')
param location string = resourceGroup().location

@description('Number of nodes at the start. Each holds shards and costs money. It can\'t shrink.')
@minValue(1)
@maxValue(20)
param nodes int = 2

@description('Size of every node.')
@allowed(['Standard_D4ds_v5', 'Standard_D8ds_v5', 'Standard_E4ds_v5'])
param nodeSize string = 'Standard_D4ds_v5'

@description('Gigabytes of storage of every node. It can\'t shrink.')
@allowed([64, 128, 256, 512])
param storageGigabytes int = 64

@description('Name of the administrator.')
@minLength(1)
param administratorLogin string = 'clusteradmin'

@description('Password of the administrator.')
@secure()
@minLength(8)
@maxLength(128)
param administratorPassword string

@description('IPv4 address that may connect in addition to Azure services. Empty: none.')
param clientAddress string = ''

resource cluster 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: name
  location: location
  sku: { name: nodeSize, tier: startsWith(nodeSize, 'Standard_E') ? 'MemoryOptimized' : 'GeneralPurpose' }
  properties: {
    createMode: 'Default'
    // The only version that elastic clusters have.
    version: '17'
    administratorLogin: administratorLogin
    administratorLoginPassword: administratorPassword
    authConfig: { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled' }
    cluster: { clusterSize: nodes }
    storage: { storageSizeGB: storageGigabytes, autoGrow: 'Disabled' }
    backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' }
    highAvailability: { mode: 'Disabled' }
    network: { publicNetworkAccess: 'Enabled' }
  }
}

// 0.0.0.0 stands for all Azure services, including those of other customers: the functions have no fixed address. Only the password
// protects the cluster then. To avoid this, use a private network (privateNetwork in main.bicep).
resource azureServices 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = {
  parent: cluster
  name: 'azure-services'
  properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' }
}

resource client 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = if (!empty(clientAddress)) {
  parent: cluster
  name: 'client'
  properties: { startIpAddress: clientAddress, endIpAddress: clientAddress }
  dependsOn: [azureServices]
}

@description('Host name of the coordinator, for PG_CONNECTION_URL.')
output host string = cluster.properties.fullyQualifiedDomainName
