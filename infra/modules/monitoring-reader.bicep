@description('Principal id of Grafana\'s own identity.')
param principalId string

// Built-in: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/monitor
var monitoringReader = '43d0d8ad-25c7-4714-9337-8ba259a9fe05'

// Grafana's Azure Monitor data source reads metrics in the cluster's resource group only, not in the whole subscription.
resource grafanaMayReadMetrics 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, monitoringReader)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringReader)
  }
}
