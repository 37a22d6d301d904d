import * as z from 'zod/mini'
import template from '../../infra/elastic-cluster-configuration.json' with { type: 'json' }
import { conditionOf, word, type AzureResourceKind } from './azure-resource-kind.ts'
import { pick } from './pick.ts'

// The writable properties of API 2025-08-01 (Bicep's resource types) except the password, which is never returned.
const writable = [
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
]

const resourceSchema = z.object({
  location: z.string(),
  tags: z.nullish(z.record(z.string(), z.unknown())),
  sku: z.looseObject({ name: z.string(), tier: z.nullish(z.string()) }),
  identity: z.nullish(
    z.looseObject({
      type: z.nullish(z.string()),
      userAssignedIdentities: z.nullish(z.record(z.string(), z.unknown())),
    }),
  ),
  properties: z.looseObject({
    state: word,
    cluster: z.looseObject({ clusterSize: z.int().check(z.positive()) }),
  }),
})

type Identity = z.infer<typeof resourceSchema>['identity']

/**
 * An elastic cluster of Azure Database for PostgreSQL. Every node holds shards, including the coordinator, so the number of workers is
 * the cluster's size; more than 20 need a support request.
 */
export const elasticCluster: AzureResourceKind = {
  type: 'Microsoft.DBforPostgreSQL/flexibleServers',
  apiVersion: '2025-08-01',
  template,
  sizes: { smallest: 1, largest: 20 },

  describe(resource) {
    const { location, tags, sku, identity, properties } = resourceSchema.parse(resource)
    return {
      workers: properties.cluster.clusterSize,
      condition: conditionOf({ state: properties.state }),
      parameters: {
        location,
        tags: tags ?? {},
        sku: pick(sku, ['name', 'tier']),
        identity: writableIdentity(identity),
        properties: pick(properties, writable),
      },
    }
  },
}

// The ids under each user-assigned identity are read-only: a PUT names the identity with an empty value.
function writableIdentity(identity: Identity): Record<string, unknown> {
  if (!identity?.type || identity.type === 'None') return {}
  const assigned = Object.keys(identity.userAssignedIdentities ?? {})
  if (assigned.length === 0) return { type: identity.type }
  return { type: identity.type, userAssignedIdentities: Object.fromEntries(assigned.map((id) => [id, {}])) }
}
