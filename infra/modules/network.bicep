@description('Name of the virtual network.')
param name string

@description('Region of the virtual network. It must be the function app\'s.')
param location string

@description('Tags of the virtual network.')
param tags object

@description('Addresses of the virtual network, /24 or larger.')
param addressPrefix string

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: { addressSpace: { addressPrefixes: [addressPrefix] } }

  // 64 addresses: one for each of the 40 instances that Flex Consumption may start, and some that Azure reserves.
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
    // Azure can change only one subnet of a network at a time.
    dependsOn: [functions]
  }
}

@description('Resource id of the virtual network.')
output id string = network.id

@description('Resource id of the subnet for the functions.')
output functionsSubnetId string = network::functions.id

@description('Resource id of the subnet for private endpoints.')
output endpointsSubnetId string = network::endpoints.id
