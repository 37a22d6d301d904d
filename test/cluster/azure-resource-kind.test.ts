import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AzureResourceKind } from '../../src/cluster/azure-resource-kind.ts'
import { cosmosdbPostgresql } from '../../src/cluster/cosmosdb-postgresql.ts'
import { elasticCluster } from '../../src/cluster/elastic-cluster.ts'
import type { Condition } from '../../src/scaling/cluster-state.ts'

const kinds = {
  cosmos: {
    kind: cosmosdbPostgresql,
    resource: { location: 'westeurope', tags: { team: 'ads' }, properties: { nodeCount: 2 } },
  },
  elastic: {
    kind: elasticCluster,
    resource: { location: 'westeurope', tags: null, sku: { name: 's' }, properties: { cluster: { clusterSize: 2 } } },
  },
} satisfies Record<string, { kind: AzureResourceKind; resource: object }>

type States = { state?: unknown; provisioningState?: unknown }
const ready: Condition = { kind: 'ready' }
const updating = (detail: string): Condition => ({ kind: 'updating', detail })
const notReady = (detail: string): Condition => ({ kind: 'not-ready', detail })

const cosmosStates: [States, Condition][] = [
  [{ state: 'Ready', provisioningState: 'Succeeded' }, ready],
  [{ state: 'READY', provisioningState: 'succeeded' }, ready],
  [{ state: 'Ready', provisioningState: 'Failed' }, ready],
  [{ state: 'Ready', provisioningState: 'Canceled' }, ready],
  [{ state: 'Ready', provisioningState: null }, ready],
  [{ state: 'Ready', provisioningState: 5 }, ready],
  [{ state: 'Ready' }, ready],
  [{ state: 'Ready', provisioningState: 'Updating' }, updating('Updating')],
  [{ state: 'Updating', provisioningState: 'Updating' }, updating('Updating')],
  [{ state: 'Updating', provisioningState: 'Failed' }, updating('Updating')],
  [{ state: 'Provisioning', provisioningState: 'InProgress' }, updating('Provisioning, InProgress')],
  [{ state: 'Failed', provisioningState: 'Failed' }, notReady('Failed')],
  [{ state: 'Failed', provisioningState: 'Succeeded' }, notReady('Failed')],
  [{ state: 'Stopped', provisioningState: 'Succeeded' }, notReady('Stopped')],
  [{ state: 'Dropping', provisioningState: 'Deleting' }, notReady('Dropping, Deleting')],
  [{ state: 'Ready', provisioningState: 'NewState' }, notReady('NewState')],
  [{ state: 'NewState', provisioningState: 'Updating' }, notReady('NewState, Updating')],
  [{ provisioningState: 'Succeeded' }, ready],
  [{ state: null, provisioningState: 'Succeeded' }, ready],
  [{ provisioningState: 'Failed' }, notReady('without a state')],
  [{ state: { a: 1 } }, notReady('without a state')],
]
const elasticStates: [States, Condition][] = [
  [{ state: 'Ready' }, ready],
  [{ state: 'Updating' }, updating('Updating')],
  [{ state: 'Stopped' }, notReady('Stopped')],
  [{ state: 'Inaccessible' }, notReady('Inaccessible')],
  [{}, notReady('without a state')],
]

const tables = [
  ['cosmos', cosmosStates],
  ['elastic', elasticStates],
] as const
for (const [name, states] of tables) {
  const { kind, resource } = kinds[name]
  for (const [given, condition] of states)
    test(`${name}: ${JSON.stringify(given)} is ${condition.kind}`, () => {
      const described = kind.describe({ ...resource, properties: { ...resource.properties, ...given } })
      assert.deepEqual(described.condition, condition)
    })
}

test('unusual tags, sku and identity are kept unchanged; null values of identity are left out', () => {
  const { resource } = kinds.elastic
  const odd = {
    ...resource,
    tags: { team: 5, empty: null },
    sku: { name: 's', tier: null },
    identity: { type: null, userAssignedIdentities: null },
  }
  const { tags, sku, identity } = elasticCluster.describe(odd).parameters
  assert.deepEqual({ tags, sku, identity }, { tags: odd.tags, sku: odd.sku, identity: {} })
  assert.deepEqual(elasticCluster.describe(resource).parameters['tags'], {})
})

test('a resource without a size or a region is refused', () => {
  const { resource } = kinds.cosmos
  for (const broken of [{ ...resource, properties: { nodeCount: '2' } }, { ...resource, location: null }, {}, null])
    assert.throws(() => cosmosdbPostgresql.describe(broken))
})
