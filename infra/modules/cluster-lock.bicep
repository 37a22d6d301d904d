@description('Resource type of the cluster, in Microsoft.DBforPostgreSQL.')
@allowed(['serverGroupsv2', 'flexibleServers'])
param clusterType string

@description('Name of the cluster.')
param clusterName string

@description('Name of the function app, and of the lock: a second autoscaler has its own.')
param functionAppName string

var lock = {
  level: 'CanNotDelete'
  notes: 'Made by the Citus autoscaler ${functionAppName}. Whoever deletes the cluster deletes its data: remove this lock first.'
}

resource serverGroup 'Microsoft.DBforPostgreSQL/serverGroupsv2@2022-11-08' existing = if (clusterType == 'serverGroupsv2') {
  name: clusterName
}

resource serverGroupLock 'Microsoft.Authorization/locks@2020-05-01' = if (clusterType == 'serverGroupsv2') {
  scope: serverGroup
  name: functionAppName
  properties: lock
}

resource flexibleServer 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' existing = if (clusterType == 'flexibleServers') {
  name: clusterName
}

resource flexibleServerLock 'Microsoft.Authorization/locks@2020-05-01' = if (clusterType == 'flexibleServers') {
  scope: flexibleServer
  name: functionAppName
  properties: lock
}
