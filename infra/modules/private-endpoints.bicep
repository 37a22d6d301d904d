@description('The end of all names here.')
param token string

@description('Region of the private endpoints: the virtual network\'s.')
param location string

@description('Tags of everything here.')
param tags object

@description('Resource id of the virtual network.')
param networkId string

@description('Resource id of its subnet for private endpoints.')
param subnetId string

@description('Resource id of the storage account of the functions.')
param storageId string

@description('Resource id of their vault.')
param vaultId string

@description('Resource type of the cluster, in Microsoft.DBforPostgreSQL.')
@allowed(['serverGroupsv2', 'flexibleServers'])
param clusterType string

@description('Resource id of the cluster. Empty: no private endpoint, since your own servers are reached by peering the networks.')
param clusterId string

// The groupId of each target, and the DNS zone of its names: https://learn.microsoft.com/azure/private-link/private-endpoint-dns
// For the cluster it is the coordinator, the only server that the functions connect to.
var clusterParts = {
  serverGroupsv2: { group: 'coordinator', zone: 'privatelink.postgres.cosmos.azure.com' }
  flexibleServers: { group: 'postgresqlServer', zone: 'privatelink.postgres.database.azure.com' }
}
var storagePart = { group: 'blob', zone: 'privatelink.blob.${environment().suffixes.storage}' }
var vaultPart = { group: 'vault', zone: 'privatelink.vaultcore.azure.net' }
var targets = concat(
  [{ name: 'storage', id: storageId, ...storagePart }, { name: 'vault', id: vaultId, ...vaultPart }],
  // An endpoint can't change its target, so each cluster gets another endpoint.
  empty(clusterId) ? [] : [{ name: 'cluster-${uniqueString(clusterId)}', id: clusterId, ...clusterParts[clusterType] }]
)

module privateEndpoints 'private-endpoint.bicep' = [
  for target in targets: {
    name: 'endpoint-${target.name}'
    params: {
      name: 'pep-${target.name}-${token}'
      location: location
      tags: tags
      networkId: networkId
      subnetId: subnetId
      targetId: target.id
      targetGroup: target.group
      zoneName: target.zone
    }
  }
]
