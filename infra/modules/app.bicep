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

@description('Resource id of the subnet that its outgoing connections start from. Empty: the Internet.')
param subnetId string

@description('The settings of the contract; a secret is a Key Vault reference.')
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
    // Grafana posts here from wherever it is; a function key and the signature of the body are what it shows.
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
      // A change of a setting or a new package lets running requests end instead of cutting them off. The property is documented for this
      // API version (https://learn.microsoft.com/azure/azure-functions/flex-consumption-site-updates) and missing in Bicep's types of it
      // (Azure/bicep-registry-modules#7200): any() is for it alone, the rest stays checked.
      ...any({ siteUpdateStrategy: { type: 'RollingUpdate' } })
      scaleAndConcurrency: {
        // The smallest there is, and the cheapest to keep ready: the bundle lives in some 60 MB.
        instanceMemoryMB: 512
        // A request waits for ARM or the database nearly all its time, so that many fit beside each other, and a burst of
        // notifications meets the instance that is ready instead of starting cold ones. The platform's default here is 4.
        triggers: { http: { perInstanceConcurrency: 16 } }
        // The least that Flex Consumption has always accepted; two are more than enough.
        maximumInstanceCount: 40
        // A cold start adds seconds to an alert that Grafana gives up on after 30.
        alwaysReady: keepOneReady ? [{ name: 'http', instanceCount: 1 }] : []
      }
    }
  }
}

// Deployments come with an identity, so the passwords of the publishing profile open nothing.
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
    // The Functions host: its storage and its telemetry, both by identity.
    AzureWebJobsStorage__blobServiceUri: blobEndpoint
    AzureWebJobsStorage__clientId: identityClientId
    AzureWebJobsStorage__credential: 'managedidentity'
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    // DefaultAzureCredential: which identity, and that it need not try any other kind.
    AZURE_CLIENT_ID: identityClientId
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  }
}

@description('Address of the functions.')
output url string = 'https://${app.properties.defaultHostName}'
