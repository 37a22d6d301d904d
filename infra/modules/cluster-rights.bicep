@description('Resource type of the cluster, in Microsoft.DBforPostgreSQL.')
@allowed(['serverGroupsv2', 'flexibleServers'])
param clusterType string

@description('Name of the cluster.')
param clusterName string

@description('Name of the function app. It makes the role names unique in the tenant.')
param functionAppName string

@description('Principal id of the identity that the app runs as.')
param principalId string

// The right to deploy a template and to read its result. ARM also requires the right to write each resource in the template: a deployment
// can change only what the identity may write, which is the cluster.
var deploymentActions = [
  'Microsoft.Resources/deployments/read'
  'Microsoft.Resources/deployments/write'
  'Microsoft.Resources/deployments/validate/action'
  'Microsoft.Resources/deployments/operationstatuses/read'
]

// A role may only name registered operations, or a wildcard that matches one. serverGroupsv2/read and /write are not registered; those of
// its children for private endpoints are, and so are flexibleServers/read and /write
// (https://learn.microsoft.com/azure/role-based-access-control/permissions/databases). So the wildcard stands for the type, not for the
// operation: nothing here matches a deletion, a restart or a promotion. The role is assigned on one cluster, so `*` means that cluster
// and its children; notActions exclude writing the children (firewall rules, database roles).
var clusterPermissions = {
  serverGroupsv2: {
    actions: ['Microsoft.DBforPostgreSQL/*/read', 'Microsoft.DBforPostgreSQL/*/write']
    notActions: ['Microsoft.DBforPostgreSQL/serverGroupsv2/*/write']
  }
  flexibleServers: {
    actions: ['Microsoft.DBforPostgreSQL/flexibleServers/read', 'Microsoft.DBforPostgreSQL/flexibleServers/write']
    notActions: []
  }
}

// An earlier version had one role of this name, with rights on every cluster in the group. Deploying again removes those rights.
resource deploymentRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, functionAppName)
  properties: {
    roleName: 'Citus autoscaler ${functionAppName}'
    description: 'Deploys templates. What a template changes needs a right of its own.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [{ actions: deploymentActions }]
  }
}

resource appMayDeploy 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, deploymentRole.id)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: deploymentRole.id
  }
}

resource clusterRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, functionAppName, clusterType)
  properties: {
    roleName: 'Citus autoscaler ${functionAppName} ${clusterType}'
    description: 'Reads a cluster and changes its size.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [clusterPermissions[clusterType]]
  }
}

resource serverGroup 'Microsoft.DBforPostgreSQL/serverGroupsv2@2022-11-08' existing = if (clusterType == 'serverGroupsv2') {
  name: clusterName
}

resource appMayScaleServerGroup 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (clusterType == 'serverGroupsv2') {
  scope: serverGroup
  name: guid(serverGroup.id, principalId, clusterRole.id)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: clusterRole.id
  }
}

resource flexibleServer 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' existing = if (clusterType == 'flexibleServers') {
  name: clusterName
}

resource appMayScaleFlexibleServer 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (clusterType == 'flexibleServers') {
  scope: flexibleServer
  name: guid(flexibleServer.id, principalId, clusterRole.id)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: clusterRole.id
  }
}
