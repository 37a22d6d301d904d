import assert from 'node:assert/strict'
import test from 'node:test'
import { clusterKinds } from '../../grafana/apply/shipped-files.ts'
import { evaluateRule, type QueryResult } from '../../src/local/grafana/evaluate-rule.ts'
import { loadedKeys, nextRuleState, type RuleState } from '../../src/local/grafana/alert-state.ts'
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
/** The rules of all kinds; those that kinds share only once. */
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

function alarmingValue({ uid }: AlertRule, refId: string): number {
  // cpu-unknown has no alarming value: it only fires on missing ones.
  if (uid.endsWith('-node-hot') && /^(all_nodes|workers)_metric$/.test(refId)) return 20
  if (uid.endsWith('-coordinator-hot')) return 95
  return { seconds: 1000, coordinator_metric: 0, workers: 20 }[refId] ?? 96
}

/** An answer that makes the rule fire. */
const alarming = (rule: AlertRule, refId: string): QueryResult => {
  const value = alarmingValue(rule, refId)
  return { ok: true, values: [/_metric$/.test(refId) ? series(value) : number(value)] }
}

const nothing: QueryResult = { ok: true, values: [] }

/** An answer for a cluster of three workers without problems. */
function calmly(refId: string): QueryResult {
  const value = /_metric$/.test(refId) ? 30 : ({ workers: 3, connections: 10, seconds: 3 }[refId] ?? 0)
  return { ok: true, values: [/_metric$/.test(refId) ? series(value) : number(value)] }
}

for (const rule of allRules.values()) {
  const isUnknown = rule.uid.endsWith('-cpu-unknown')
  const firesOnMissing = isUnknown || rule.uid.endsWith('-worker-count-stopped')
  const allAlarming = () => new Map(rule.queries.map(({ refId }) => [refId, alarming(rule, refId)]))

  test(`${rule.title} ${isUnknown ? 'does not fire on known values' : 'fires on alarming answers'}`, () => {
    const evaluation = evaluateRule(rule, allAlarming(), new Set())
    assert.ok(evaluation.kind === 'instances')
    assert.equal(evaluation.instances[0].state, isUnknown ? 'normal' : 'alerting')
  })

  test(`${rule.title} resolves when the answers are normal again`, () => {
    const eager = { ...rule, for: 0 }
    const answers = isUnknown ? new Map(rule.queries.map(({ refId }) => [refId, nothing])) : allAlarming()
    const fired = nextRuleState(eager, new Map(), evaluateRule(rule, answers, new Set()), at)
    assert.deepEqual(
      fired.alerts.map(({ endsAt }) => endsAt),
      [undefined],
    )
    const calm = new Map(rule.queries.map(({ refId }) => [refId, calmly(refId)]))
    const later = new Date(at.getTime() + 60_000)
    const ended = nextRuleState(eager, fired.state, evaluateRule(rule, calm, loadedKeys(fired.state)), later)
    assert.deepEqual(
      ended.alerts.map(({ endsAt }) => endsAt),
      [later],
    )
  })

  if (firesOnMissing)
    for (const [what, result] of missing)
      test(`${rule.title}: ${what} is notified after ${rule.for / 60} minutes, not at once, and ends with the next answer`, () => {
        const answers = new Map(rule.queries.map(({ refId }) => [refId, result]))
        let state: RuleState = new Map()
        const evaluate = (minute: number, given: ReadonlyMap<string, QueryResult>) => {
          const now = new Date(at.getTime() + minute * 60_000)
          const after = nextRuleState(rule, state, evaluateRule(rule, given, new Set()), now)
          state = after.state
          return after.alerts.filter(({ endsAt }) => !endsAt)
        }
        for (let minute = 0; minute < rule.for / 60; minute++) assert.deepEqual(evaluate(minute, answers), [])
        const [sent] = evaluate(rule.for / 60, answers)
        assert.ok(sent)
        // With this reason, a function would ignore it.
        assert.match(sent.annotations.grafana_state_reason ?? '', /^(NoData|Error)$/)
        assert.equal(sent.labels.action, 'people')
        const known = new Map(
          rule.queries.map(({ refId }) => [
            refId,
            isUnknown ? alarming(rule, refId) : ({ ok: true, values: [number(3)] } as const),
          ]),
        )
        assert.deepEqual(evaluate(rule.for / 60 + 1, known), [])
      })
  else
    for (const { refId } of rule.queries)
      for (const [what, result] of missing)
        test(`${rule.title} does not fire or keep firing when ${refId} is ${what}`, () => {
          const answers = allAlarming()
          const fired = evaluateRule(rule, answers, new Set())
          const eager = { ...rule, for: 0 }
          const before = nextRuleState(eager, new Map(), fired, at)
          assert.equal(before.alerts.length, 1)
          const found = evaluateRule(rule, answers.set(refId, result), new Set([labelsKey({})]))
          for (const state of [before.state, new Map() satisfies RuleState]) {
            const after = nextRuleState(eager, state, found, new Date(at.getTime() + 60_000))
            assert.deepEqual(
              after.alerts.filter(({ endsAt }) => !endsAt),
              [],
            )
          }
        })
}

const readings = (percents: Record<string, number>): CpuReading[] =>
  Object.entries(percents).map(([server, percent]) => ({ time: at, server, percent }))

/** Evaluates a CPU rule of a kind with the answers of its data source. */
async function cpuOf(
  kind: string,
  percents: Record<string, number>,
  workers: number,
  wasFiring = false,
  name = 'cpu-high',
) {
  const rule = kinds.find((entry) => entry.kind === kind)?.rules.find(({ uid }) => uid === `the-cluster-${name}`)
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

test('the mean CPU excludes the coordinator on Azure Cosmos DB for PostgreSQL', async () => {
  assert.equal(await cpuOf('cosmosdb-postgresql', { 'the-cluster-c': 2, w0: 85, w1: 83 }, 2), 'alerting 84.0')
  assert.equal(await cpuOf('cosmosdb-postgresql', { 'the-cluster-c': 100, w0: 70, w1: 60 }, 2), 'normal 65.0')
  assert.equal(await cpuOf('cosmosdb-postgresql', { 'the-cluster-c': 90 }, 0), 'alerting 90.0')
})

for (const kind of ['elastic-cluster', 'citus'])
  test(`${kind}: the CPU is the mean of all nodes`, async () => {
    assert.equal(await cpuOf(kind, { a: 90, b: 58 }, 2), 'alerting 74.0')
    assert.equal(await cpuOf(kind, { a: 90, b: 56 }, 2), 'normal 73.0')
  })

for (const kind of clusterKinds)
  test(`${kind}: an alert ends below 67 %`, async () => {
    const percents = (percent: number) => ({ 'the-cluster-c': percent, a: percent, b: percent })
    assert.equal(await cpuOf(kind, percents(67), 2, true), 'alerting 67.0')
    assert.equal(await cpuOf(kind, percents(66.9), 2, true), 'normal 66.9')
  })

for (const kind of clusterKinds)
  test(`${kind}: over 95 % in the newest minute fires at once, with the mean`, async () => {
    const percents = (percent: number) => ({ 'the-cluster-c': percent, a: percent, b: percent })
    assert.equal(await cpuOf(kind, percents(96), 2, false, 'cpu-severe'), 'alerting 96.0')
    assert.equal(await cpuOf(kind, percents(95), 2, false, 'cpu-severe'), 'normal 95.0')
    const rule = kinds.find((entry) => entry.kind === kind)?.rules.find(({ uid }) => uid === 'the-cluster-cpu-severe')
    assert.equal(rule?.for, 0)
    for (const { from, to } of rule.queries) assert.equal(from - to, 60)
  })

/** The rules of a kind that are alerting with the answers of its data source, with the names of the instances. */
async function alerting(kind: string, percents: Record<string, number>) {
  const dataSources: Record<string, DataSource> = {
    'the-cluster-azure-monitor': azureMonitorStandIn(
      () => readings(percents),
      () => 2,
    ),
    'the-cluster-prometheus': prometheusStandIn(() => readings(percents)),
    'the-cluster-postgresql': () => Promise.resolve([]),
  }
  const rules = kinds.find((entry) => entry.kind === kind)?.rules ?? []
  const found = await Promise.all(
    rules.map(async (rule) => {
      const answers = await Promise.all(
        rule.queries.map(async (query): Promise<[string, QueryResult]> => {
          const values = await dataSources[query.dataSource]?.(query, { from: at, to: at })
          return [query.refId, { ok: true, values: values ?? [] }]
        }),
      )
      const evaluation = evaluateRule(rule, new Map(answers), new Set())
      if (evaluation.kind !== 'instances') return []
      return evaluation.instances
        .filter(({ state }) => state === 'alerting')
        .map(({ labels }) =>
          [rule.uid.replace('the-cluster-', ''), labels.ServerName ?? labels.instance].join(' ').trim(),
        )
    }),
  )
  return found.flat().sort()
}

test('the rules distinguish one hot worker, a hot coordinator, and hot workers', async () => {
  const cosmos = (c: number, w0: number, w1: number) =>
    alerting('cosmosdb-postgresql', { 'the-cluster-c': c, 'the-cluster-w0': w0, 'the-cluster-w1': w1 })
  assert.deepEqual(await cosmos(10, 95, 20), ['node-hot the-cluster-w0'])
  assert.deepEqual(await cosmos(95, 30, 20), ['coordinator-hot the-cluster-c'])
  assert.deepEqual(
    await cosmos(10, 80, 80),
    ['cpu-high', 'still-hot'].map((uid) => `${uid} the-cluster-c`),
  )
  assert.deepEqual(await cosmos(10, 20, 20), [])
  assert.deepEqual(await alerting('citus', { a: 95, b: 20 }), ['node-hot a'])
  assert.deepEqual(await alerting('elastic-cluster', { a: 95, b: 20 }), ['node-hot'])
  assert.deepEqual(await alerting('elastic-cluster', { a: 60, b: 60 }), [])
})
