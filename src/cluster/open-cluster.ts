import type { Settings } from '../settings.ts'
import { azureCluster } from './azure-cluster.ts'
import type { AzureResourceKind } from './azure-resource-kind.ts'
import { citusCluster } from './citus.ts'
import type { Cluster } from './cluster.ts'
import { cosmosdbPostgresql } from './cosmosdb-postgresql.ts'
import { elasticCluster } from './elastic-cluster.ts'

type AzureSettings = Extract<Settings['cluster'], { AZURE_SUBSCRIPTION_ID: string }>

/** The cluster of the settings; `now` is the time of the request. */
export function openCluster(settings: Settings, now: Date): Cluster {
  const { cluster, database, REBALANCE_STRATEGY: strategy } = settings
  switch (cluster.CLUSTER_KIND) {
    case 'cosmosdb-postgresql':
      return onAzure(cosmosdbPostgresql, cluster)
    case 'elastic-cluster':
      return onAzure(elasticCluster, cluster)
    case 'citus':
      return citusCluster({ database, strategy, pool: cluster.CITUS_WORKER_POOL })
  }

  function onAzure(kind: AzureResourceKind, azure: AzureSettings): Cluster {
    return azureCluster({
      kind,
      name: settings.CLUSTER_NAME,
      subscriptionId: azure.AZURE_SUBSCRIPTION_ID,
      resourceGroup: azure.AZURE_RESOURCE_GROUP,
      endpoint: azure.AZURE_RESOURCE_MANAGER_ENDPOINT,
      adminPassword: azure.CLUSTER_ADMIN_PASSWORD,
      database,
      strategy,
      now,
    })
  }
}
