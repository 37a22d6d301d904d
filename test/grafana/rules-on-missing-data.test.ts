import assert from 'node:assert/strict'
import test from 'node:test'
import { clusterKinds } from '../../grafana/apply/shipped-files.ts'
import { evaluateRule, type QueryResult } from '../../src/local/grafana/evaluate-rule.ts'
import { nextRuleState, type RuleState } from '../../src/local/grafana/alert-state.ts'
import { azureMonitorStandIn, prometheusStandIn, type CpuReading } from '../../src/local/grafana/cpu-data-sources.ts'
import type { DataSource } from '../../src/local/grafana/data-source.ts'
import { labelsKey } from '../../src/local/grafana/labels.ts'
import type { AlertRule } from '../../src/local/grafana/read-alerting.ts'
import { shippedAlerting } from '../../src/local/grafana/shipped-alerting.ts'
import type { Value } from '../../src/local/grafana/values.ts'
import { exampleVariables } from './example-variables.ts'

const kinds = await Promise.all(
  clusterKinds.map(async (kind) => ({ kind, rules: (await shippedAlerting(kind, exampleVariables)).rules })),
)
/** Of each kind, those that it does not share with another. */
const allRules = new Map(
  kinds.flatMap(({ kind, rules }) =>
    rules.map((rule): [string, AlertRule] => [JSON.stringify(rule), { ...rule, title: `${kind}: ${rule.uid}` }]),
  ),
)

const at = new Date(Date.UTC(2026, 0, 1))
const number = (value: number | null): Value => ({ kind: 'number', labels: {}, value })
const series = (...values: (number | null)[]): Value => ({
  kind: 'series',
  labels: {},
  points: values.map((value) => ({ time: at, value })),
})

const missing: [what: string, result: QueryResult][] = [
  ['an empty answer', { ok: true, values: [] }],
  ['null', { ok: true, values: [number(null)] }],
  ['NaN', { ok: true, values: [number(NaN)] }],
  ['a series of nothing', { ok: true, values: [series()] }],
  ['a series of null and NaN', { ok: true, values: [series(null, NaN)] }],
  ['an error', { ok: false, message: 'connection refused' }],
]

/** What would make a rule fire, were it all there. */
const alarming = (refId: string): QueryResult => {
  const value = { recent_counts: 0, coordinator_metric: 0, workers: 20 }[refId] ?? 95
  return { ok: true, values: [/_metric$/.test(refId) ? series(value) : number(value)] }
}

for (const rule of allRules.values()) {
  test(`${rule.title} fires on alarming answers`, () => {
    const answers = new Map(rule.queries.map(({ refId }) => [refId, alarming(refId)]))
    const evaluation = evaluateRule(rule, answers, new Set())
    assert.ok(evaluation.kind === 'instances')
    assert.equal(evaluation.instances[0].state, 'alerting')
  })

  for (const { refId } of rule.queries)
    for (const [what, result] of missing)
      test(`${rule.title} does not fire when ${refId} is ${what}, nor goes on firing`, () => {
        const answers = new Map(rule.queries.map((query) => [query.refId, alarming(query.refId)]))
        const fired = evaluateRule(rule, answers, new Set())
        const eager = { ...rule, for: 0 }
        const before = nextRuleState(eager, new Map(), fired, at)
        assert.equal(before.alerts.length, 1)
        const found = evaluateRule(rule, answers.set(refId, result), new Set([labelsKey({})]))
        for (const state of [before.state, new Map() satisfies RuleState]) {
          const after = nextRuleState(eager, state, found, new Date(at.getTime() + 60_000))
          const firing = after.alerts.filter(({ endsAt }) => !endsAt)
          for (const { labels } of firing) assert.equal(labels.alertname, 'DatasourceError')
        }
      })
}

const readings = (percents: Record<string, number>): CpuReading[] =>
  Object.entries(percents).map(([server, percent]) => ({ time: at, server, percent }))

/** The CPU rule of a kind over what its data source answers. */
async function cpuOf(kind: string, percents: Record<string, number>, workers: number, wasFiring = false) {
  const rule = kinds.find((entry) => entry.kind === kind)?.rules.find(({ labels }) => labels.action === 'scale-out')
  assert.ok(rule)
  const dataSources: Record<string, DataSource> = {
    'the-cluster-azure-monitor': azureMonitorStandIn(
      () => readings(percents),
      () => workers,
    ),
    'the-cluster-prometheus': prometheusStandIn(() => readings(percents)),
  }
  const answers = await Promise.all(
    rule.queries.map(async (query): Promise<[string, QueryResult]> => {
      const values = await dataSources[query.dataSource]?.(query, { from: at, to: at })
      return [query.refId, { ok: true, values: values ?? [] }]
    }),
  )
  const labels = kind === 'cosmosdb-postgresql' ? { ServerName: 'the-cluster-c' } : {}
  const evaluation = evaluateRule(rule, new Map(answers), new Set(wasFiring ? [labelsKey(labels)] : []))
  assert.ok(evaluation.kind === 'instances')
  const [{ state, values }] = evaluation.instances
  return `${state} ${values.cpu_percent?.toFixed(1)}`
}

test('the coordinator is no worker on Azure Cosmos DB for PostgreSQL', async () => {
  assert.equal(await cpuOf('cosmosdb-postgresql', { 'the-cluster-c': 2, w0: 85, w1: 83 }, 2), 'alerting 84.0')
  assert.equal(await cpuOf('cosmosdb-postgresql', { 'the-cluster-c': 100, w0: 70, w1: 60 }, 2), 'normal 65.0')
  assert.equal(await cpuOf('cosmosdb-postgresql', { 'the-cluster-c': 90 }, 0), 'alerting 90.0')
})

for (const kind of ['elastic-cluster', 'citus'])
  test(`${kind}: the mean of all nodes that are read`, async () => {
    assert.equal(await cpuOf(kind, { a: 95, b: 69 }, 2), 'alerting 82.0')
    assert.equal(await cpuOf(kind, { a: 95, b: 64 }, 2), 'normal 79.5')
  })

for (const kind of clusterKinds)
  test(`${kind}: an alert ends below 70 %`, async () => {
    const percents = (percent: number) => ({ 'the-cluster-c': percent, a: percent, b: percent })
    assert.equal(await cpuOf(kind, percents(70), 2, true), 'alerting 70.0')
    assert.equal(await cpuOf(kind, percents(69.9), 2, true), 'normal 69.9')
  })
