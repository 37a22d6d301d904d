@description('Name of the workspace that keeps the logs.')
param workspaceName string

@description('Name of the Application Insights resource.')
param insightsName string

@description('Region of both.')
param location string

@description('Tags of both.')
param tags object

@description('Principal id of the identity that the app runs as.')
param principalId string

// Built-in: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/monitor
var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    // Limits the cost of an error that logs all day. The app normally writes a few megabytes.
    workspaceCapping: { dailyQuotaGb: 1 }
  }
}

// The connection string alone is not enough: without local authentication, a sender needs the role below.
resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    WorkspaceResourceId: workspace.id
  }
}

// The app may send telemetry but not read it.
resource appMaySend 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, principalId, monitoringMetricsPublisher)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

@description('Name of the Application Insights resource, available after the app may send to it.')
output insightsName string = insights.name

@description('Resource id of the workspace.')
output workspaceId string = workspace.id
