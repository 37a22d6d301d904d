@description('Name of the private endpoint.')
param name string

@description('Region of the private endpoint: the virtual network\'s.')
param location string

@description('Tags of everything here.')
param tags object

@description('Resource id of the virtual network in which names resolve to the private address.')
param networkId string

@description('Resource id of the subnet of the private address.')
param subnetId string

@description('Resource id of the target of the endpoint.')
param targetId string

@description('The target\'s name for the part of it that is reached (groupId): https://learn.microsoft.com/azure/private-link/private-endpoint-dns')
param targetGroup string

@description('The DNS zone of the target\'s private names: same page.')
param zoneName string

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      { name: targetGroup, properties: { privateLinkServiceId: targetId, groupIds: [targetGroup] } }
    ]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: targetGroup, properties: { privateDnsZoneId: zone.id } }] }
  }
}

// The target's usual name then resolves to the private address, so settings and URLs stay the same.
resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zoneName
  location: 'global'
  tags: tags

  // Named after the network: a zone can be linked to a network only once, and several endpoints share it.
  resource toNetwork 'virtualNetworkLinks' = {
    name: last(split(networkId, '/'))
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
}
