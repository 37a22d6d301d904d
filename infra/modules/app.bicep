@description('Name of the function app.')
param name string

@description('Name of its plan.')
param planName string

@description('Region of both.')
param location string

@description('Tags of both.')
param tags object

@description('Resource id of the identity that the app runs as.')
param identityId string

@description('Client id of that identity.')
param identityClientId string

@description('Address of its storage account for blobs, with a slash at its end.')
param blobEndpoint string

@description('Container in that account that holds the deployed package.')
param packageContainer string

@description('Name of its Application Insights resource.')
param insightsName string

@description('Version of Node.')
param nodeVersion string

@description('Whether one instance is always ready.')
param keepOneReady bool

@description('Resource id of the subnet for its outgoing connections. Empty: the Internet.')
param subnetId string

@description('The app\'s settings; a secret is a Key Vault reference.')
param settings object

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'autoscaler' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // Grafana posts here from any address; it authenticates with a function key and a signature of the body.
    publicNetworkAccess: 'Enabled'
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: { minTlsVersion: '1.2' }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}${packageContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      // When a setting or the package changes, running requests end instead of being cut off. The property is documented for this API
      // version (https://learn.microsoft.com/azure/azure-functions/flex-consumption-site-updates) but missing in Bicep's types
      // (Azure/bicep-registry-modules#7200), so any() is used for it alone.
      ...any({ siteUpdateStrategy: { type: 'RollingUpdate' } })
      scaleAndConcurrency: {
        // The smallest size, and the cheapest to keep ready: the bundle needs about 60 MB.
        instanceMemoryMB: 512
        // A request mostly waits for ARM or the database, so one instance can handle many: a burst of notifications goes to the ready
        // instance and starts no cold ones. The platform's default is 4.
        triggers: { http: { perInstanceConcurrency: 16 } }
        // The lowest limit that Flex Consumption has always accepted; two would be more than enough.
        maximumInstanceCount: 40
        // Grafana gives up after 30 s, and a cold start takes seconds of that.
        alwaysReady: keepOneReady ? [{ name: 'http', instanceCount: 1 }] : []
      }
    }
  }
}

// Deployments use an identity, so the passwords of the publishing profile are disabled.
resource ftpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource deploymentPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: {
    ...settings
    // The Functions host's own settings: storage and telemetry, both with the identity.
    AzureWebJobsStorage__blobServiceUri: blobEndpoint
    AzureWebJobsStorage__clientId: identityClientId
    AzureWebJobsStorage__credential: 'managedidentity'
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    // Tells DefaultAzureCredential which identity to use, so that it tries no other kind.
    AZURE_CLIENT_ID: identityClientId
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  }
}

@description('Address of the functions.')
output url string = 'https://${app.properties.defaultHostName}'
