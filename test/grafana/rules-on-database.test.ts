import assert from 'node:assert/strict'
import test from 'node:test'
import type { Sql } from 'postgres'
import { prometheusStandIn } from '../../src/local/grafana/cpu-data-sources.ts'
import type { DataSource } from '../../src/local/grafana/data-source.ts'
import { evaluateRule, type Evaluation, type QueryResult } from '../../src/local/grafana/evaluate-rule.ts'
import { postgresqlDataSource } from '../../src/local/grafana/postgresql-data-source.ts'
import type { AlertRule } from '../../src/local/grafana/read-alerting.ts'
import { shippedAlerting } from '../../src/local/grafana/shipped-alerting.ts'
import { citusDatabase } from './citus-database.ts'
import { exampleVariables } from './example-variables.ts'

const { rules } = await shippedAlerting('citus', { ...exampleVariables, SCALE_OUT_MAX_WORKERS: '3' })

function ruleNamed(name: string): AlertRule {
  const rule = rules.find(({ uid }) => uid === `the-cluster-${name}`)
  assert.ok(rule, name)
  return rule
}

/** Evaluates the rule with the answers of the database now. */
async function evaluate(
  name: string,
  grafana: Sql,
  prometheus: DataSource = prometheusStandIn(() => []),
): Promise<Evaluation> {
  const dataSources: Record<string, DataSource> = {
    'the-cluster-postgresql': postgresqlDataSource(grafana),
    'the-cluster-prometheus': prometheus,
  }
  const rule = ruleNamed(name)
  const now = Date.now()
  const answers = await Promise.all(
    rule.queries.map(async (query): Promise<[string, QueryResult]> => {
      const dataSource = dataSources[query.dataSource]
      assert.ok(dataSource)
      const range = { from: new Date(now - query.from * 1000), to: new Date(now - query.to * 1000) }
      return [query.refId, { ok: true, values: await dataSource(query, range) }]
    }),
  )
  return evaluateRule(rule, new Map(answers), new Set())
}

/** The state of the only instance, or no data, with the measured value. */
async function outcome(name: string, grafana: Sql, refId: string, prometheus?: DataSource) {
  const evaluation = await evaluate(name, grafana, prometheus)
  if (evaluation.kind !== 'instances') return evaluation.kind === 'error' ? evaluation.message : evaluation.kind
  assert.equal(evaluation.instances.length, 1)
  const [{ state, values, labels }] = evaluation.instances
  assert.deepEqual(labels, {})
  return `${state} ${values[refId]}`
}

const hot = prometheusStandIn(({ to }) => [{ time: to, server: 'worker-1', percent: 90 }])

test('more workers within five minutes ask for a rebalance, fewer do not', async (t) => {
  const { owner, grafana } = await citusDatabase(t)
  const changed = () => outcome('workers-changed', grafana, 'change')
  assert.equal(await changed(), 'no-data')
  await owner`INSERT INTO worker_count (created_at, count) VALUES (now() - interval '6 minutes', 2), (now() - interval '4 minutes', 4)`
  assert.equal(await changed(), 'normal 0')
  await owner`INSERT INTO worker_count (count) VALUES (6)`
  assert.equal(await changed(), 'alerting 2')
  await owner`INSERT INTO worker_count (created_at, count) VALUES (clock_timestamp(), 3)`
  assert.equal(await changed(), 'normal -1')
})

test('an empty worker triggers rebalances until one runs, and people are notified when none does for 30 minutes', async (t) => {
  const { owner, grafana } = await citusDatabase(t)
  const unsettled = () => outcome('not-settled', grafana, 'unsettled')
  const waiting = () => outcome('rebalance-waiting', grafana, 'waiting')
  assert.equal(await unsettled(), 'normal 0')
  await owner`SELECT citus_add_node('worker-3', 5432), citus_add_node('worker-4', 5432)`
  assert.equal(await unsettled(), 'alerting 1')
  assert.equal(await waiting(), 'alerting 1')
  assert.equal(ruleNamed('rebalance-waiting').for, 1800)
  await owner`SELECT citus_rebalance_start()`
  assert.equal(await unsettled(), 'normal 0')
  await owner`UPDATE citus_stand_in.settings SET clock_offset = '1 hour'`
  assert.equal(await unsettled(), 'normal 0')
  assert.equal(await waiting(), 'normal 0')
})

test('a rebalance stopped by a person pages nobody for a day, or until a worker has come', async (t) => {
  const { owner, grafana } = await citusDatabase(t)
  const waiting = () => outcome('rebalance-waiting', grafana, 'waiting')
  await owner`SELECT citus_add_node('worker-3', 5432)`
  await owner`INSERT INTO worker_count (created_at, count) VALUES (now() - interval '2 minutes', 2), (now() - interval '1 minute', 3)`
  await owner`SELECT citus_rebalance_start()`
  await owner`SELECT citus_rebalance_stop()`
  assert.equal(await outcome('not-settled', grafana, 'unsettled'), 'alerting 1')
  assert.equal(await waiting(), 'normal 0')

  await owner`UPDATE citus_stand_in.job SET cancelled_at = now() - interval '90 seconds'`
  assert.equal(await waiting(), 'alerting 1', 'worker_count rose after the stop')
  await owner`UPDATE citus_stand_in.job SET cancelled_at = now()`
  await owner`SELECT citus_add_node('worker-4', 5432)`
  assert.equal(await waiting(), 'alerting 1', 'a worker came that worker_count has not counted yet')
  await owner`INSERT INTO worker_count (created_at, count) VALUES (now() - interval '30 seconds', 4)`
  assert.equal(await waiting(), 'normal 0')
  await owner`UPDATE citus_stand_in.job SET cancelled_at = now() - interval '25 hours'`
  await owner`DELETE FROM worker_count`
  assert.equal(await waiting(), 'alerting 1', 'a day has passed')

  await owner`UPDATE citus_stand_in.job SET cancelled_at = now()`
  await owner`DROP TABLE worker_count`
  assert.equal(await waiting(), 'normal 0', 'without a history')
})

test("moves in Citus's plan ask for a rebalance, though no worker is empty", async (t) => {
  const { owner, grafana } = await citusDatabase(t)
  await owner`INSERT INTO autoscaler.last_plan VALUES (true, 'by_shard_count', 3, autoscaler.placements(), now())`
  assert.equal(await outcome('not-settled', grafana, 'unsettled'), 'alerting 1')
  await owner`UPDATE autoscaler.last_plan SET moves = 0`
  assert.equal(await outcome('not-settled', grafana, 'unsettled'), 'normal 0')
})

test('a stuck rebalance is reported to people, a running or finished one is not', async (t) => {
  const { owner, grafana } = await citusDatabase(t)
  const stuck = () => outcome('rebalance-stuck', grafana, 'troubled_rebalances')
  assert.equal(await stuck(), 'normal 0')
  await owner`SELECT citus_add_node('worker-3', 5432)`
  await owner`SELECT citus_rebalance_start()`
  assert.equal(await stuck(), 'normal 0')
  await owner`SELECT citus_stand_in.break_moves('ERROR: no space left on device')`
  await owner`UPDATE citus_stand_in.settings SET clock_offset = '1 minute'`
  assert.equal(await stuck(), 'alerting 1')
  await owner`SELECT citus_stand_in.repair_moves()`
  await owner`UPDATE citus_stand_in.settings SET clock_offset = '1 day'`
  assert.equal(await stuck(), 'normal 0')
})

test('a stopped worker_count is reported to people', async (t) => {
  const { owner, grafana } = await citusDatabase(t)
  const stopped = () => outcome('worker-count-stopped', grafana, 'age')
  assert.equal(await stopped(), 'alerting 1000000')
  await owner`INSERT INTO worker_count (created_at, count) VALUES (now() - interval '3 minutes', 2)`
  assert.match(await stopped(), /^alerting 18\d\./)
  await owner`INSERT INTO worker_count (count) VALUES (2)`
  assert.match(await stopped(), /^normal \d\./)
})

test('connections near the limit are reported to people', async (t) => {
  const { grafana } = await citusDatabase(t)
  const used = await outcome('connections-near-limit', grafana, 'used_percent')
  const [, percent] = /^normal ([\d.]+)$/.exec(used) ?? []
  assert.ok(Number(percent) > 0 && Number(percent) < 85, used)
})

test('a hot cluster at the maximum is reported to people; one below it, or a calm one at it, is not', async (t) => {
  const { owner, grafana } = await citusDatabase(t)
  const calm = prometheusStandIn(({ to }) => [{ time: to, server: 'worker-1', percent: 50 }])
  const atMaximum = (cpu: DataSource) => outcome('hot-at-maximum', grafana, 'workers', cpu)
  assert.equal(await atMaximum(hot), 'normal 2')
  await owner`SELECT citus_add_node('worker-3', 5432)`
  assert.equal(await atMaximum(hot), 'alerting 3')
  assert.equal(await atMaximum(calm), 'normal 3')
  assert.equal(await atMaximum(prometheusStandIn(() => [])), 'no-data')
})

test('a query that the database refuses is an error of the rule, not an alert', async (t) => {
  const { grafana } = await citusDatabase(t)
  const rule = ruleNamed('workers-changed')
  const [query] = rule.queries
  assert.ok(query)
  const broken = { ...query, model: { ...query.model, rawSql: 'SELECT 1::float8 FROM autoscaler.no_such_view' } }
  const range = { from: new Date(), to: new Date() }
  await assert.rejects(postgresqlDataSource(grafana)(broken, range), /no_such_view" does not exist/)
})
