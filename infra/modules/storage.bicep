@description('Name of the storage account.')
param name string

@description('Region of the storage account.')
param location string

@description('Tags of the storage account.')
param tags object

@description('Principal id of the identity that the app runs as.')
param principalId string

@description('Whether it can be reached only through a private endpoint.')
param private bool

// Built-in: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'

// The Functions host keeps its function keys, its leases and the deployed package here. The account has no shared keys that could leak:
// every access needs an identity.
resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: private ? 'Deny' : 'Allow', bypass: 'None' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'packages'
}

// The roles that the host needs on its storage:
// https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
resource hostMayUseBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, principalId, blobDataOwner)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataOwner)
  }
}

@description('Resource id of the account.')
output id string = account.id

@description('Address of the account for blobs, with a slash at its end.')
output blobEndpoint string = account.properties.primaryEndpoints.blob

@description('Name of the container that holds the deployed package.')
output packageContainer string = packages.name
