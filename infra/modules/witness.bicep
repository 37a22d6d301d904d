@description('Name of the alert and of its action group.')
param name string

@description('Tags of both.')
param tags object

@description('Resource id of the cluster.')
param clusterId string

@description('Resource type of the cluster, in Microsoft.DBforPostgreSQL.')
@allowed(['serverGroupsv2', 'flexibleServers'])
param clusterType string

@description('E-mail addresses of the people who are told.')
@minLength(1)
param addresses string[]

// Every node of an elastic cluster holds shards, so the mean of all nodes counts. Azure Cosmos DB's coordinator normally holds none, and
// its low CPU would hide that of the workers, so it is excluded; the alert then watches each worker. The coordinator's name is as in the
// examples of the service's API: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/postgresqlhsc
var watched = {
  flexibleServers: []
  serverGroupsv2: [{ name: 'ServerName', operator: 'Exclude', values: ['${last(split(clusterId, '/'))}-c'] }]
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'autoscaler'
    enabled: true
    emailReceivers: [
      for (address, index) in addresses: {
        name: 'people-${index + 1}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
  }
}

// Azure has windows of 30 minutes and of an hour, but not of 45 minutes. The nearest is a mean of one hour above 75 %: it fires 45 minutes
// after CPU jumps from 45 % to 85 % and stays there, and does not fire for half an hour at 100 % over a base of 45 %.
resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    description: 'CPU of the cluster has been high for about 45 minutes: the autoscaler or Grafana does not work, or more workers do not help. Ask the autoscaler\'s /api/status.'
    severity: 1
    enabled: true
    autoMitigate: true
    scopes: [clusterId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT1H'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'hot'
          metricNamespace: 'Microsoft.DBforPostgreSQL/${clusterType}'
          metricName: 'cpu_percent'
          dimensions: watched[clusterType]
          timeAggregation: 'Average'
          operator: 'GreaterThan'
          threshold: 75
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}
