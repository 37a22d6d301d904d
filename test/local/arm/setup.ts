import { ResourceManagementClient } from '@azure/arm-resources'
import type { TestContext } from 'node:test'
import elasticTemplate from '../../../infra/elastic-cluster-configuration.json' with { type: 'json' }
import cosmosDbTemplate from '../../../infra/node-configuration.json' with { type: 'json' }
import type { Resource } from '../../../src/local/arm/resource-group.ts'
import {
  startArmEmulator,
  type ArmEmulator,
  type ArmEmulatorOptions,
} from '../../../src/local/arm/start-arm-emulator.ts'
import { resourcePath } from '../../../src/local/arm/resource-path.ts'
import { manualClock } from './manual-clock.ts'

export const subscriptionId = '00000000-0000-0000-0000-000000000001'
export const resourceGroup = 'databases'
export const provisioningMilliseconds = 600_000

export const cosmosDbCluster = {
  type: 'Microsoft.DBforPostgreSQL/serverGroupsv2',
  name: 'shop',
  location: 'westeurope',
  tags: { CostCenter: 'A-1', owner: '' },
  properties: {
    citusVersion: '12.1',
    coordinatorStorageQuotaInMb: 524288,
    coordinatorVCores: 8,
    enableHa: true,
    enableShardsOnCoordinator: true,
    maintenanceWindow: { customWindow: 'Enabled', dayOfWeek: 6, startHour: 3, startMinute: 30 },
    nodeCount: 2,
    nodeStorageQuotaInMb: 524288,
    nodeVCores: 4,
    postgresqlVersion: '16',
  },
} satisfies Resource

export const elasticCluster = {
  type: 'Microsoft.DBforPostgreSQL/flexibleServers',
  name: 'orders',
  location: 'swedencentral',
  tags: { CostCenter: 'A-2' },
  sku: { name: 'Standard_D4ds_v5', tier: 'GeneralPurpose' },
  properties: {
    administratorLogin: 'boss',
    backup: { backupRetentionDays: 14, geoRedundantBackup: 'Enabled' },
    cluster: { clusterSize: 3, defaultDatabaseName: 'orders' },
    storage: { storageSizeGB: 256, tier: 'P15' },
    version: '17',
  },
} satisfies Resource

/** An emulator with a manual clock, an SDK client for it, and the new workers that it reported. */
export async function setUp(context: TestContext, resource: Resource, options: Partial<ArmEmulatorOptions> = {}) {
  const clock = manualClock()
  const workers: number[] = []
  const arm = await startArmEmulator({
    subscriptionId,
    resourceGroup,
    resource,
    provisioningSeconds: provisioningMilliseconds / 1000,
    onWorkers: (count) => void workers.push(count),
    clock,
    ...options,
  })
  context.after(() => arm.stop())
  return {
    arm,
    clock,
    workers,
    client: clientFor(arm),
    id: resourcePath({ subscriptionId, resourceGroup, location: '' }, resource.type, resource.name),
  }
}

/** The SDK without credentials, which it refuses to send over plain HTTP, and by default without retries. */
export function clientFor({ endpoint }: ArmEmulator, maxRetries = 0): ResourceManagementClient {
  const credential = { getToken: () => Promise.reject(new Error('No token is asked for over HTTP.')) }
  const options = { endpoint, allowInsecureConnection: true, retryOptions: { maxRetries } }
  const client = new ResourceManagementClient(credential, subscriptionId, options)
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' })
  return client
}

/** A deployment that sets the number of workers of the Cosmos DB cluster. Parameters can be added or replaced. */
export const cosmosDbDeployment = (workers: number, parameters: Record<string, unknown> = {}) => {
  const { name, location, tags, properties } = cosmosDbCluster
  return deploymentOf(cosmosDbTemplate, { name, location, tags, properties, workers, ...parameters })
}

export const elasticDeployment = (workers: number, parameters: Record<string, unknown> = {}) => {
  const { name, location, tags, sku, properties } = elasticCluster
  return deploymentOf(elasticTemplate, { name, location, tags, sku, properties, workers, ...parameters })
}

function deploymentOf(template: Record<string, unknown>, values: Record<string, unknown>) {
  const parameters = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]))
  return { tags: { from: '2', reason: 'alert' }, properties: { mode: 'Incremental' as const, template, parameters } }
}
