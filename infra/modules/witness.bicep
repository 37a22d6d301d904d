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

// Every node of an elastic cluster holds shards, so the mean of all of them counts. Azure Cosmos DB's coordinator holds none as a rule, and
// its low CPU would hide the workers': it is left out, and with that the alert watches worker by worker. Its name as in the examples of the
// service's API: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/postgresqlhsc
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

// Azure knows windows of 30 minutes and of an hour, none of 45 minutes. The mean of an hour over 75 % is the nearest: CPU that jumps from
// 45 % to 85 % and stays there is told after 45 minutes, and a peak of half an hour at 100 % over a base of 45 % is not.
resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    description: 'The cluster has been hot for about 45 minutes: the autoscaler or Grafana does not work, or more workers do not help. Ask the autoscaler\'s /api/status.'
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
