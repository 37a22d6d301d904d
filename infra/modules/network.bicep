@description('Name of the virtual network.')
param name string

@description('Region of the virtual network. It must be the function app\'s.')
param location string

@description('Tags of everything here.')
param tags object

@description('Addresses of the virtual network, /24 or larger.')
param addressPrefix string

@description('Resource type of the cluster, in Microsoft.DBforPostgreSQL.')
@allowed(['serverGroupsv2', 'flexibleServers'])
param clusterType string

@description('Resource id of the cluster. Empty: no private endpoint, since servers of one\'s own are reached by peering the networks.')
param clusterId string

// What each type calls its coordinator, and the zone of its names:
// https://learn.microsoft.com/azure/private-link/private-endpoint-dns
var links = {
  serverGroupsv2: { group: 'coordinator', zone: 'privatelink.postgres.cosmos.azure.com' }
  flexibleServers: { group: 'postgresqlServer', zone: 'privatelink.postgres.database.azure.com' }
}
var link = links[clusterType]
var hasEndpoint = !empty(clusterId)

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: { addressSpace: { addressPrefixes: [addressPrefix] } }

  // 64 addresses: one for each of the 40 instances that Flex Consumption may start, and those that Azure keeps for itself.
  resource functions 'subnets' = {
    name: 'functions'
    properties: {
      addressPrefix: cidrSubnet(addressPrefix, 26, 0)
      delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
    }
  }

  resource endpoints 'subnets' = {
    name: 'endpoints'
    properties: { addressPrefix: cidrSubnet(addressPrefix, 27, 2) }
    // Azure changes one subnet of a network at a time.
    dependsOn: [functions]
  }
}

// The coordinator only: it is the one server that the functions talk to.
resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = if (hasEndpoint) {
  name: 'pep-${name}'
  location: location
  tags: tags
  properties: {
    subnet: { id: network::endpoints.id }
    privateLinkServiceConnections: [
      { name: 'cluster', properties: { privateLinkServiceId: clusterId, groupIds: [link.group] } }
    ]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: 'cluster', properties: { privateDnsZoneId: zone.id } }] }
  }
}

// The cluster's usual name then leads to the private address, so that PG_CONNECTION_URL stays as it is.
resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = if (hasEndpoint) {
  name: link.zone
  location: 'global'
  tags: tags

  resource toNetwork 'virtualNetworkLinks' = {
    name: name
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
}

@description('Resource id of the subnet for the functions.')
output functionsSubnetId string = network::functions.id
