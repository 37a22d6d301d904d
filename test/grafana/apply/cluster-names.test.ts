import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { nameFor, variableFor } from '../../../grafana/apply/cluster-names.ts'

const named = (prefix: string) => ({ prefix, label: prefix })
// Names that the app accepts as CLUSTER_NAME.
const clusterName = fc.stringMatching(/^[\w.-]{1,63}$/)
const shortNames = ['cpu-high', 'worker-without-shards', 'people']

for (const [cluster, short, expected] of [
  ['shop', 'cpu-high', 'shop-cpu-high'],
  ['shop_2', 'people', 'shop_2-people'],
  ['shop.eu', 'people', 'shop-eu-969d2014-people'],
  ['a-cluster-whose-name-is-as-long-as-40-chars', 'worker-count-stopped', 'a-cluster--417bb3f9-worker-count-stopped'],
] as const)
  test(`${cluster}: ${short} is ${expected}`, () => assert.equal(nameFor(named(cluster), short), expected))

test('every name is valid in Grafana and ends in the short name', () => {
  fc.assert(
    fc.property(clusterName, fc.constantFrom(...shortNames), (cluster, short) => {
      const name = nameFor(named(cluster), short)
      assert.match(name, /^[\w-]{1,40}$/)
      assert.ok(name.endsWith(`-${short}`))
    }),
  )
})

test('no two clusters have the same name of a thing or of a variable', () => {
  fc.assert(
    fc.property(clusterName, clusterName, (one, other) => {
      fc.pre(one !== other)
      const namesOf = (cluster: string) => shortNames.map((short) => nameFor(named(cluster), short))
      assert.equal(new Set([...namesOf(one), ...namesOf(other)]).size, 2 * shortNames.length)
      const variablesOf = (cluster: string) =>
        ['CITUS_READER', 'CITUS_READER_PASSWORD'].map((variable) => variableFor(named(cluster), variable))
      for (const variable of variablesOf(one)) assert.match(variable, /^[A-Z0-9_]+$/)
      assert.equal(new Set([...variablesOf(one), ...variablesOf(other)]).size, 4)
    }),
  )
})
