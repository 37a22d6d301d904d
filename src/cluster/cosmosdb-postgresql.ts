import * as z from 'zod/mini'
import template from '../../infra/node-configuration.json' with { type: 'json' }
import { conditionOf, word, type AzureResourceKind } from './azure-resource-kind.ts'
import { pick } from './pick.ts'

// Every writable property of API 2022-11-08 except the password, which is never returned. A PUT resets a property that it leaves out to
// its default, so it must have all of them (Azure's page on deployment modes; Bicep's resource types).
const writable = [
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
]

const resourceSchema = z.object({
  location: z.string(),
  tags: z.nullish(z.record(z.string(), z.unknown())),
  properties: z.looseObject({
    nodeCount: z.int().check(z.nonnegative()),
    state: word,
    provisioningState: word,
  }),
})

/** Azure Cosmos DB for PostgreSQL. It can't have one worker: it is a single node (0 workers), or it has at least two. */
export const cosmosdbPostgresql: AzureResourceKind = {
  type: 'Microsoft.DBforPostgreSQL/serverGroupsv2',
  apiVersion: '2022-11-08',
  template,
  sizes: { smallest: 2, largest: Infinity },

  describe(resource) {
    const { location, tags, properties } = resourceSchema.parse(resource)
    return {
      workers: properties.nodeCount,
      condition: conditionOf(properties),
      parameters: { location, tags: tags ?? {}, properties: pick(properties, writable) },
    }
  },
}
