import { refuse } from './arm-error.ts'
import { isObject, type Json, type JsonObject } from './template/json.ts'

/** What this emulator knows about a type of resource. */
export type ResourceType = {
  type: string
  apiVersions: readonly string[]
  /** The properties that a PUT sets. One that it leaves out is reset to its default, or removed. */
  writable: readonly string[]
  /** Also set by a PUT, but never returned. */
  secret: string
  defaults: (properties: JsonObject) => JsonObject
  /** The read-only properties of a resource. */
  readOnly: (name: string, properties: JsonObject) => JsonObject
  /** Its state normally, while a deployment changes it, and after a deployment that failed halfway. */
  states: { rest: JsonObject; updating: JsonObject; failed: JsonObject }
  /** Which property holds the number of workers, and which numbers are allowed. */
  workers: {
    count: (properties: JsonObject) => number | undefined
    allowed: (count: number) => boolean
    rule: string
  }
}

const wholeNumber = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) ? value : undefined

// Properties, defaults and states: the REST API specification of Microsoft.DBforPostgreSQL,
// https://github.com/Azure/azure-rest-api-specs/tree/main/specification/postgresqlhsc (stable/2022-11-08). That
// enableShardsOnCoordinator follows the node count when it is absent: Terraform's azurerm_cosmosdb_postgresql_cluster.
const cosmosDbCluster: ResourceType = {
  type: 'Microsoft.DBforPostgreSQL/serverGroupsv2',
  apiVersions: ['2022-11-08', '2023-03-02-preview'],
  writable: [
    'citusVersion',
    'coordinatorEnablePublicIpAccess',
    'coordinatorServerEdition',
    'coordinatorStorageQuotaInMb',
    'coordinatorVCores',
    'enableHa',
    'enableShardsOnCoordinator',
    'maintenanceWindow',
    'nodeCount',
    'nodeEnablePublicIpAccess',
    'nodeServerEdition',
    'nodeStorageQuotaInMb',
    'nodeVCores',
    'pointInTimeUTC',
    'postgresqlVersion',
    'preferredPrimaryZone',
    'sourceLocation',
    'sourceResourceId',
  ],
  secret: 'administratorLoginPassword',
  defaults: ({ nodeCount }) => ({
    coordinatorEnablePublicIpAccess: true,
    coordinatorServerEdition: 'GeneralPurpose',
    enableHa: false,
    enableShardsOnCoordinator: nodeCount === 0,
    maintenanceWindow: { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 },
    nodeEnablePublicIpAccess: false,
    nodeServerEdition: 'MemoryOptimized',
  }),
  readOnly: (name, { nodeCount }) => ({
    administratorLogin: 'citus',
    serverNames: ['c', ...Array.from({ length: Number(nodeCount) }, (_, index) => `w${index}`)].map((server) => ({
      name: `${name}-${server}`,
      fullyQualifiedDomainName: `${server}-${name}.emulator.postgres.cosmos.azure.com`,
    })),
  }),
  states: {
    rest: { provisioningState: 'Succeeded', state: 'Ready' },
    updating: { provisioningState: 'InProgress', state: 'Updating' },
    failed: { provisioningState: 'Failed', state: 'Ready' },
  },
  workers: {
    count: ({ nodeCount }) => wholeNumber(nodeCount),
    allowed: (count) => count === 0 || (count >= 2 && count <= 20),
    rule: 'nodeCount must be 0 or from 2 to 20',
  },
}

// specification/postgresql (stable/2025-08-01); sizes: the elastic clusters' limitations page of Microsoft Learn.
const elasticCluster: ResourceType = {
  type: 'Microsoft.DBforPostgreSQL/flexibleServers',
  apiVersions: ['2025-08-01', '2026-01-01-preview'],
  writable: [
    'administratorLogin',
    'authConfig',
    'availabilityZone',
    'backup',
    'cluster',
    'createMode',
    'dataEncryption',
    'highAvailability',
    'maintenanceWindow',
    'network',
    'pointInTimeUTC',
    'replica',
    'replicationRole',
    'sourceServerResourceId',
    'storage',
    'version',
  ],
  secret: 'administratorLoginPassword',
  defaults: () => ({
    authConfig: { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled' },
    backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' },
    highAvailability: { mode: 'Disabled' },
    maintenanceWindow: { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 },
    network: { publicNetworkAccess: 'Enabled' },
  }),
  readOnly: (name) => ({ fullyQualifiedDomainName: `${name}.postgres.database.azure.com` }),
  // Its API has no provisioningState: a change that failed leaves no trace in it.
  states: { rest: { state: 'Ready' }, updating: { state: 'Updating' }, failed: { state: 'Ready' } },
  workers: {
    count: ({ cluster }) => (isObject(cluster) ? wholeNumber(cluster['clusterSize']) : undefined),
    allowed: (count) => count >= 1 && count <= 20,
    rule: 'clusterSize must be from 1 to 20',
  },
}

/** The resource types that the emulator knows. */
const resourceTypes: readonly ResourceType[] = [cosmosDbCluster, elasticCluster]

/** The type's data. Throws Azure's answer for a type that does not exist. */
export function resourceTypeOf(type: string): ResourceType {
  const found = resourceTypes.find((known) => known.type.toLowerCase() === type.toLowerCase())
  const [namespace, ...names] = type.split('/')
  const message = `The resource type '${names.join('/')}' could not be found in the namespace '${namespace}'.`
  return found ?? refuse(404, 'InvalidResourceType', message)
}

/** Throws Azure's answer for an API version that the type does not have. */
export function checkApiVersion({ type, apiVersions }: ResourceType, apiVersion: string, location: string): void {
  if (apiVersions.includes(apiVersion)) return
  const name = type.slice(type.indexOf('/') + 1)
  const message = `No registered resource provider found for location '${location}' and API version '${apiVersion}' for type '${name}'. The supported api-versions are '${apiVersions.join(', ')}'. The supported locations are '${location}'.`
  refuse(400, 'NoRegisteredProviderFound', message)
}
