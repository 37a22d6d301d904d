import postgres, { type Sql } from 'postgres'
import { cosmosdbPostgresql } from '../cluster/cosmosdb-postgresql.ts'
import { elasticCluster } from '../cluster/elastic-cluster.ts'
import type { ClusterKind } from '../settings.ts'
import { startArmEmulator, type ArmEmulatorOptions } from './arm/start-arm-emulator.ts'
import { createAppRole, startDemoDatabase, type DemoDatabase } from './demo-database.ts'
import type { FastTime } from './fast-time.ts'
import { startPoolServers } from './pool-servers.ts'

export const clusterName = 'demo'
const subscriptionId = '00000000-0000-0000-0000-000000000001'
const resourceGroup = 'demo-rg'

// A scale-out on Azure takes about ten minutes, the move of a shard group some seconds.
export const provisioningSeconds = 600
const secondsPerMove = 10

/** A cluster of two workers that can grow, and the settings with which the functions reach it. */
export type DemoCluster = {
  database: DemoDatabase
  settings: Record<string, string>
  /** Whether the CPU metric includes the coordinator, as Azure Monitor's does. */
  metricHasCoordinator: boolean
  /** How a scale-out fails on this kind of cluster. */
  growthFailure: string
  /** Makes scale-outs fail, or succeed again. */
  failNextGrowth: (on: boolean) => Promise<void>
  stop: () => Promise<void>
}

export function startDemoCluster(kind: ClusterKind, time: FastTime): Promise<DemoCluster> {
  switch (kind) {
    case 'cosmosdb-postgresql':
      return startOnAzure(kind, cosmosDbResource, time)
    case 'elastic-cluster':
      return startOnAzure(kind, elasticResource, time)
    case 'citus':
      return startCitus(time)
  }
}

type Resource = ArmEmulatorOptions['resource']

async function startOnAzure(kind: ClusterKind, resource: Resource, time: FastTime): Promise<DemoCluster> {
  const coordinatorIsWorker = kind === 'elastic-cluster'
  const database = await startDemoDatabase({
    createCluster: coordinatorIsWorker ? createElasticCluster : (sql) => sql`SELECT citus_stand_in.create_cluster(2)`,
    secondsPerMove,
    time,
  })
  const arm = await startArmEmulator({
    subscriptionId,
    resourceGroup,
    resource,
    provisioningSeconds,
    clock: time,
    // The coordinator of an elastic cluster is one of its nodes: the last worker's number is one less than its size.
    async onWorkers(count) {
      await database.sql`SELECT citus_add_node(${`worker-${coordinatorIsWorker ? count - 1 : count}`}, 5432)`
    },
  })
  return {
    database,
    metricHasCoordinator: !coordinatorIsWorker,
    growthFailure: 'accepted, and failed half way',
    failNextGrowth(on) {
      arm.faults.clear()
      if (on) arm.faults.add({ on: 'deployment', fails: 'later', because: 'server-is-busy' }, 1)
      return Promise.resolve()
    },
    settings: {
      CLUSTER_KIND: kind,
      AZURE_SUBSCRIPTION_ID: subscriptionId,
      AZURE_RESOURCE_GROUP: resourceGroup,
      AZURE_RESOURCE_MANAGER_ENDPOINT: arm.endpoint,
    },
    async stop() {
      await arm.stop()
      await database.stop()
    },
  }
}

async function createElasticCluster(sql: Sql): Promise<void> {
  await sql`SELECT citus_stand_in.create_cluster(1)`
  await sql`SELECT citus_set_node_property('coordinator', 5432, 'shouldhaveshards', true)`
}

async function startCitus(time: FastTime): Promise<DemoCluster> {
  const database = await startDemoDatabase({
    createCluster: (sql) => sql`SELECT citus_stand_in.create_cluster(2)`,
    secondsPerMove,
    time,
  })
  const pool = await startPoolServers(database.url, 2)
  await Promise.all(pool.addresses.map((address) => addAppRole(database.url, address)))
  return {
    database,
    metricHasCoordinator: false,
    growthFailure: 'no server of the pool answers',
    async failNextGrowth(on) {
      await database.sql`TRUNCATE citus_stand_in.dead_server`
      const servers = pool.addresses.map((address) => ({ nodename: '127.0.0.1', nodeport: address.split(':')[1] }))
      if (on) await database.sql`INSERT INTO citus_stand_in.dead_server ${database.sql(servers)}`
    },
    settings: { CLUSTER_KIND: 'citus', CITUS_WORKER_POOL: pool.addresses.join(',') },
    async stop() {
      await pool.stop()
      await database.stop()
    },
  }
}

/** The functions sign in to a future worker with the same role as to the coordinator. */
async function addAppRole(coordinatorUrl: string, address: string): Promise<void> {
  const sql = postgres(Object.assign(new URL(coordinatorUrl), { host: address }).href, { max: 1 })
  await createAppRole(sql, coordinatorUrl).finally(() => sql.end())
}

const cosmosDbResource: Resource = {
  type: cosmosdbPostgresql.type,
  name: clusterName,
  location: 'westeurope',
  tags: { team: 'ads' },
  properties: {
    postgresqlVersion: '16',
    citusVersion: '12.1',
    coordinatorServerEdition: 'GeneralPurpose',
    coordinatorVCores: 4,
    coordinatorStorageQuotaInMb: 131072,
    enableHa: false,
    enableShardsOnCoordinator: false,
    nodeCount: 2,
    nodeServerEdition: 'MemoryOptimized',
    nodeVCores: 4,
    nodeStorageQuotaInMb: 524288,
  },
}

const elasticResource: Resource = {
  type: elasticCluster.type,
  name: clusterName,
  location: 'westeurope',
  tags: { team: 'ads' },
  sku: { name: 'Standard_D4ds_v5', tier: 'GeneralPurpose' },
  properties: {
    version: '17',
    storage: { storageSizeGB: 128 },
    cluster: { clusterSize: 2, defaultDatabaseName: 'postgres' },
  },
}
