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

type Words = { state?: unknown; provisioningState?: unknown }
const ready: Condition = { kind: 'ready' }
const updating = (detail: string): Condition => ({ kind: 'updating', detail })
const notReady = (detail: string): Condition => ({ kind: 'not-ready', detail })

const cosmosWords: [Words, Condition][] = [
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
  [{ state: 'Ready', provisioningState: 'A new word' }, notReady('A new word')],
  [{ state: 'A new word', provisioningState: 'Updating' }, notReady('A new word, Updating')],
  [{ provisioningState: 'Succeeded' }, ready],
  [{ state: null, provisioningState: 'Succeeded' }, ready],
  [{ provisioningState: 'Failed' }, notReady('without a state')],
  [{ state: { a: 1 } }, notReady('without a state')],
]
const elasticWords: [Words, Condition][] = [
  [{ state: 'Ready' }, ready],
  [{ state: 'Updating' }, updating('Updating')],
  [{ state: 'Stopped' }, notReady('Stopped')],
  [{ state: 'Inaccessible' }, notReady('Inaccessible')],
  [{}, notReady('without a state')],
]

const tables = [
  ['cosmos', cosmosWords],
  ['elastic', elasticWords],
] as const
for (const [name, words] of tables) {
  const { kind, resource } = kinds[name]
  for (const [given, condition] of words)
    test(`${name}: ${JSON.stringify(given)} is ${condition.kind}`, () => {
      const described = kind.describe({ ...resource, properties: { ...resource.properties, ...given } })
      assert.deepEqual(described.condition, condition)
    })
}

test('odd tags, sku and identity are carried as they are, or left out where they say nothing', () => {
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

test('a resource without its size or its region is not one of the kind', () => {
  const { resource } = kinds.cosmos
  for (const broken of [{ ...resource, properties: { nodeCount: '2' } }, { ...resource, location: null }, {}, null])
    assert.throws(() => cosmosdbPostgresql.describe(broken))
})
