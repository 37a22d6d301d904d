@description('Name of the workspace that keeps the logs.')
param workspaceName string

@description('Principal id of Grafana\'s own identity.')
param principalId string

// Built-in: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/analytics
var logAnalyticsReader = '73c42c96-874c-492b-b04d-ab87d138a893'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

// Grafana's dashboard of answers reads the app's log.
resource grafanaMayReadLogs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: workspace
  name: guid(workspace.id, principalId, logAnalyticsReader)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', logAnalyticsReader)
  }
}
