@description('Name of the identity.')
param name string

@description('Region of the identity.')
param location string

@description('Tags of the identity.')
param tags object

// User-assigned rather than the app's own: its rights are there before the app starts, and they outlive a new app.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Name of the identity.')
output name string = identity.name

@description('Resource id, for the resources that wear the identity.')
output id string = identity.id

@description('Id under which Entra ID hands out its tokens.')
output clientId string = identity.properties.clientId

@description('Id to give rights to.')
output principalId string = identity.properties.principalId
