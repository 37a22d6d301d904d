import assert from 'node:assert/strict'
import test from 'node:test'
import { clusterKinds } from '../../grafana/apply/shipped-files.ts'
import { cosmosdbPostgresql } from '../../src/cluster/cosmosdb-postgresql.ts'
import { elasticCluster } from '../../src/cluster/elastic-cluster.ts'
import { evaluateRule, type QueryResult } from '../../src/local/grafana/evaluate-rule.ts'
import { shippedAlerting } from '../../src/local/grafana/shipped-alerting.ts'
import { exampleVariables } from './example-variables.ts'

const largestOf = {
  'cosmosdb-postgresql': cosmosdbPostgresql.sizes.largest,
  'elastic-cluster': elasticCluster.sizes.largest,
  citus: Infinity,
}

/** The state of the rule hot-at-maximum, for a CPU and a number of workers. */
async function atMaximum(kind: (typeof clusterKinds)[number], maximum: number) {
  const { rules } = await shippedAlerting(kind, { ...exampleVariables, SCALE_OUT_MAX_WORKERS: String(maximum) })
  const rule = rules.find(({ uid }) => uid === 'the-cluster-hot-at-maximum')
  assert.ok(rule)
  return (workers: number, cpu: number) => {
    const answers = rule.queries.map(({ refId }): [string, QueryResult] => {
      if (refId === 'workers') return [refId, { ok: true, values: [{ kind: 'number', labels: {}, value: workers }] }]
      const points = [{ time: new Date(0), value: refId === 'coordinator_metric' ? 0 : cpu }]
      return [refId, { ok: true, values: [{ kind: 'series', labels: {}, points }] }]
    })
    const evaluation = evaluateRule(rule, new Map(answers), new Set())
    assert.ok(evaluation.kind === 'instances')
    return evaluation.instances[0].state
  }
}

for (const kind of clusterKinds)
  for (const maximum of [3, 20, 30])
    test(`${kind}, SCALE_OUT_MAX_WORKERS=${maximum}: a hot cluster of the largest size is reported to people`, async () => {
      const largest = Math.min(maximum, largestOf[kind])
      const state = await atMaximum(kind, maximum)
      assert.equal(state(largest, 90), 'alerting')
      assert.equal(state(largest - 1, 90), 'normal')
      assert.equal(state(largest, 50), 'normal')
    })
