import { cosmosdbPostgresql } from '../cluster/cosmosdb-postgresql.ts'
import { elasticCluster } from '../cluster/elastic-cluster.ts'
import type { Sizes } from '../scaling/cluster-state.ts'
import { readSettings, type Settings } from '../settings.ts'

/** Required by the app, not used by the simulation. */
const unused = {
  CLUSTER_NAME: 'simulated',
  AZURE_SUBSCRIPTION_ID: 'simulated',
  AZURE_RESOURCE_GROUP: 'simulated',
  PG_CONNECTION_URL: 'postgres://simulated',
}

/** The app's settings from the environment, always in mode `on`. Throws with all problems. */
export function simulatedSettings(environment: Record<string, string | undefined>): Settings {
  const read = readSettings({ ...unused, ...environment })
  if (!read.ok) throw new Error(`settings are missing or wrong: ${read.problems.join('; ')}`)
  return { ...read.settings, AUTOSCALE_MODE: 'on', REBALANCE_MODE: undefined }
}

/** The sizes that the cluster can have; a self-managed one can add the servers of its pool. */
export function sizesOf({ cluster }: Settings, workers: number): Sizes {
  switch (cluster.CLUSTER_KIND) {
    case 'cosmosdb-postgresql':
      return cosmosdbPostgresql.sizes
    case 'elastic-cluster':
      return elasticCluster.sizes
    case 'citus':
      return { smallest: 1, largest: workers + cluster.CITUS_WORKER_POOL.length }
  }
}
