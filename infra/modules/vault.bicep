@description('Name of the vault.')
param name string

@description('Region of the vault.')
param location string

@description('Tags of the vault.')
param tags object

@description('Principal id of the identity that the app runs as.')
param principalId string

@description('Principal id of the person who may read and change the secrets. Empty: nobody.')
param administratorId string

@description('Resource id of the Log Analytics workspace that keeps its audit events.')
param workspaceId string

@description('Whether it can be reached only through a private endpoint.')
param private bool

@description('Value of the secret pg-connection-url.')
@secure()
param pgConnectionUrl string

@description('Value of the secret webhook-secrets.')
@secure()
param webhookSecrets string

@description('Value of the secret cluster-admin-password. Empty: no such secret.')
@secure()
param clusterAdminPassword string

// Built-in: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

// Rights by role, not by access policy. No purge protection: with it, a removed environment could not be created again for weeks.
resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: { family: 'A', name: 'standard' }
    tenantId: tenant().tenantId
    enableRbacAuthorization: true
    softDeleteRetentionInDays: 7
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    // Services that Microsoft trusts are always allowed: Azure Resource Manager writes the secrets below.
    networkAcls: { defaultAction: private ? 'Deny' : 'Allow', bypass: 'AzureServices' }
  }
}

// Records who read or changed a secret, or tried to.
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: { workspaceId: workspaceId, logs: [{ category: 'AuditEvent', enabled: true }] }
}

resource connectionSecret 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = {
  parent: vault
  name: 'pg-connection-url'
  properties: { value: pgConnectionUrl }
}

resource webhookSecret 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = {
  parent: vault
  name: 'webhook-secrets'
  properties: { value: webhookSecrets }
}

resource passwordSecret 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = if (!empty(clusterAdminPassword)) {
  parent: vault
  name: 'cluster-admin-password'
  properties: { value: clusterAdminPassword }
}

// The app reads its secrets through its settings. It may not list, change or delete any.
resource appMayReadSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, principalId, secretsUser)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

// Grafana's contact points need the webhook secret, so a person must be able to read it.
resource administratorMayChangeSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(administratorId)) {
  scope: vault
  name: guid(vault.id, administratorId, secretsOfficer)
  properties: {
    principalId: administratorId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
  }
}

@description('Resource id of the vault.')
output id string = vault.id

@description('Name of the vault, available after its secrets may be read.')
output name string = vault.name
