@description('Resource type of the cluster, in Microsoft.DBforPostgreSQL.')
@allowed(['serverGroupsv2', 'flexibleServers'])
param clusterType string

@description('Name of the function app: it makes the name of the role unique in the tenant.')
param functionAppName string

@description('Principal id of the identity that the app runs as.')
param principalId string

// Deploying a template, and reading how that went. Deployments of other names in the group are no more than records of the past.
var deploymentActions = [
  'Microsoft.Resources/deployments/read'
  'Microsoft.Resources/deployments/write'
  'Microsoft.Resources/deployments/validate/action'
  'Microsoft.Resources/deployments/operationstatuses/read'
]

// serverGroupsv2/read and /write are not registered as operations, and a role may name registered ones only; the wildcard matches
// those that are and covers these two (https://learn.microsoft.com/azure/role-based-access-control/permissions/databases). It covers
// deletion too, which notActions can't take out for the same reason: a delete lock on the cluster does.
var clusterActions = {
  serverGroupsv2: ['Microsoft.DBforPostgreSQL/serverGroupsv2/*']
  flexibleServers: [
    'Microsoft.DBforPostgreSQL/flexibleServers/read'
    'Microsoft.DBforPostgreSQL/flexibleServers/write'
  ]
}

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, functionAppName)
  properties: {
    roleName: 'Citus autoscaler ${functionAppName}'
    description: 'Reads the cluster and deploys it with more workers.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [{ actions: concat(deploymentActions, clusterActions[clusterType]) }]
  }
}

resource appMayScaleOut 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, role.id)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: role.id
  }
}
