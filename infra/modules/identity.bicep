@description('Name of the identity.')
param name string

@description('Region of the identity.')
param location string

@description('Tags of the identity.')
param tags object

// User-assigned, not the app's own: it has its rights before the app starts, and keeps them when the app is created again.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Name of the identity.')
output name string = identity.name

@description('Resource id, for the resources that use the identity.')
output id string = identity.id

@description('Client id, with which tokens are requested from Entra ID.')
output clientId string = identity.properties.clientId

@description('Principal id, to which rights are given.')
output principalId string = identity.properties.principalId
