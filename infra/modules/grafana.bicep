@description('Name of the workspace.')
param name string

@description('Region of the workspace.')
param location string

@description('Tags of the workspace.')
param tags object

@description('Principal id of the person who becomes Grafana Admin. Empty: nobody.')
param administratorId string

// Built-in: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/monitor
var grafanaAdmin = '22926164-76b3-42b3-bc55-97df8dab3e41'

// Standard is the tier with alerting. Scripts use an Entra token, so no service account is needed.
resource grafana 'Microsoft.Dashboard/grafana@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard' }
  identity: { type: 'SystemAssigned' }
  properties: {
    apiKey: 'Disabled'
    grafanaMajorVersion: '12'
    publicNetworkAccess: 'Enabled'
    zoneRedundancy: 'Disabled'
  }
}

// The person who deploys applies alert rules and contact points next, which needs this role.
resource administratorIsAdmin 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(administratorId)) {
  scope: grafana
  name: guid(grafana.id, administratorId, grafanaAdmin)
  properties: {
    principalId: administratorId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grafanaAdmin)
  }
}

@description('Address of Grafana.')
output url string = grafana.properties.endpoint

@description('Principal id of Grafana\'s own identity.')
output principalId string = grafana.identity.principalId
