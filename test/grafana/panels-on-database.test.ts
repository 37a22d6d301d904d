import assert from 'node:assert/strict'
import test from 'node:test'
import * as z from 'zod'
import { readShippedFiles } from '../../grafana/apply/shipped-files.ts'
import { readHistory } from '../../src/citus/read-history.ts'
import { closeDatabase } from '../../src/citus/connection.ts'
import { expandMacros } from '../../src/local/grafana/expand-macros.ts'
import { mergeHistory } from '../../src/scaling/merge-history.ts'
import { databaseOf } from '../citus/database-of.ts'
import { citusDatabase } from './citus-database.ts'

const variableSchema = z.looseObject({
  name: z.string(),
  datasource: z.looseObject({ uid: z.literal('${postgresql}') }),
  query: z.string(),
})
const querySchema = z.looseObject({ rawSql: z.string(), format: z.enum(['table', 'time_series']) })
const panelSchema = z.looseObject({ title: z.string(), type: z.string(), targets: z.array(querySchema) })
const annotationsSchema = z.looseObject({ list: z.array(z.looseObject({ name: z.string(), target: querySchema })) })

const { dashboards } = await readShippedFiles('citus')
const panels = dashboards.flatMap(({ dashboard }) =>
  dashboard.panels.flatMap((panel) => (isOnDatabase(panel) ? [panelSchema.parse(panel)] : [])),
)
const variables = dashboards.flatMap(({ dashboard }) =>
  dashboard.templating.list.flatMap((variable) => {
    const parsed = variableSchema.safeParse(variable)
    return parsed.success ? [parsed.data] : []
  }),
)
const annotations = dashboards.flatMap(({ dashboard }) => annotationsSchema.parse(dashboard.annotations).list)

function isOnDatabase({ datasource }: Record<string, unknown>): boolean {
  return z.looseObject({ uid: z.literal('${postgresql}') }).safeParse(datasource).success
}

/** A query as it reaches the database, with the values chosen on the dashboard. */
const expanded = (rawSql: string) =>
  expandMacros(
    rawSql.replaceAll('${node:sqlstring}', "'worker-1:5432'").replaceAll('${target:sqlstring}', "'worker-3:5432'"),
    { from: new Date(Date.now() - 6 * 3_600_000), to: new Date(Date.now() + 60_000) },
  )

test("every panel and annotation shows data of a growing cluster, queried as Grafana's role", async (t) => {
  const { owner, grafana } = await citusDatabase(t)
  await owner`INSERT INTO worker_count (created_at, count) VALUES (now() - interval '1 minute', 2), (now(), 3)`
  await owner`SELECT citus_add_node('worker-3', 5432)`
  await owner`SELECT citus_rebalance_start()`
  const ask = (rawSql: string) => grafana.unsafe(expanded(rawSql))
  const [{ counted }] = await owner<
    [{ counted: boolean }]
  >`SELECT to_regclass('pg_catalog.citus_stat_counters') IS NOT NULL AS counted`

  for (const { title, type, targets } of panels)
    for (const { rawSql, format } of targets)
      await t.test(title, async () => {
        const rows = await ask(rawSql)
        assert.ok(rows.length > 0 || (rawSql.includes('query_counters') && !counted))
        const names = rows.columns.map(({ name }) => name)
        if (format === 'time_series') assert.equal(names[0], 'time')
        if (type === 'bargauge') assert.equal(names[0], 'metric')
        if (type !== 'table') assert.equal(names.filter((name) => name !== 'time' && name !== 'metric').length, 1)
      })

  for (const { name, target } of annotations)
    await t.test(name, async () => {
      const rows = await ask(target.rawSql)
      assert.equal(rows.length, 1)
      assert.ok(rows[0]?.time instanceof Date)
      assert.match(String(rows[0].text), /workers: 2 → 3|rebalance 1: (scheduled|running)/)
    })
})

test('every query runs on an empty cluster', async (t) => {
  const { grafana } = await citusDatabase(t)
  for (const { rawSql } of [...panels.flatMap(({ targets }) => targets), ...annotations.map(({ target }) => target)])
    await grafana.unsafe(expanded(rawSql))
})

test('a dashboard lists the workers, and the statements for each tenant of the chosen one', async (t) => {
  const { owner, grafana } = await citusDatabase(t)
  await owner`SELECT citus_add_node('worker-3', 5432)`
  const chosen = new Map<string, string>()
  for (const { name, query } of variables) {
    const rows = await grafana.unsafe(expanded(query))
    chosen.set(name, String(rows[0]?.node))
  }
  assert.match(chosen.get('node') ?? '', /^worker-[12]:5432$/)
  assert.equal(chosen.get('target'), 'worker-3:5432')
  const panel = panels.find(({ title }) => title.startsWith('Tenants of the chosen worker'))
  assert.ok(panel?.targets[0])
  const [tenant] = await grafana.unsafe(expanded(panel.targets[0].rawSql))
  assert.match(String(tenant?.isolate), /^SELECT isolate_tenant_to_new_shard\('public\.\w+', '\d+', 'CASCADE'\);$/)
  assert.match(
    String(tenant?.move),
    /^SELECT citus_move_shard_placement\(get_shard_id_for_distribution_column\('public\.\w+', '\d+'\), 'worker-1', 5432, 'worker-3', 5432\);$/,
  )
})

test('the table of scale-outs and rebalances equals the history of status', async (t) => {
  const { owner, grafana, url } = await citusDatabase(t)
  t.after(closeDatabase)
  const shiftClock = (offset: string) => owner`UPDATE citus_stand_in.settings SET clock_offset = ${offset}::interval`
  await owner`INSERT INTO worker_count (created_at, count) VALUES
    (now() - interval '5 days', 2), (now() - interval '4 days', 3), (now() - interval '2 days', 5), (now() - interval '1 day', 4),
    (now() - interval '1 hour', 6)`
  // After the first growth a rebalance is stopped and one succeeds, after the second one fails, after the third one runs.
  await owner`SELECT citus_add_node('worker-3', 5432)`
  await shiftClock('-3 days -12 hours')
  await owner`SELECT citus_rebalance_start()`
  await owner`SELECT citus_rebalance_stop()`
  await shiftClock('-3 days -11 hours')
  await owner`SELECT citus_rebalance_start()`
  await shiftClock('-1 day -12 hours')
  await owner`SELECT citus_add_node('worker-4', 5432)`
  await owner`SELECT citus_rebalance_start()`
  await owner`SELECT citus_stand_in.break_moves('ERROR: no space left on device')`
  await shiftClock('0')
  await owner`SELECT citus_add_node('worker-5', 5432)`
  await owner`SELECT citus_rebalance_start()`

  const panel = panels.find(({ title }) => title === 'Growths and rebalances')
  assert.ok(panel?.targets[0])
  const rows = await grafana.unsafe(expanded(panel.targets[0].rawSql))
  const history = mergeHistory(await readHistory(databaseOf(url)), { kind: 'none' }, new Date())
  assert.deepEqual(
    rows.map(({ time, what, from, to, moves, took, ended, error }): unknown[] => [
      time,
      String(what).replace(/ \d+$/, ''),
      from,
      to,
      moves,
      took === null ? null : Math.round(Number(took)),
      ended,
      error,
    ]),
    history.map(({ kind, startedAt, endedAt, from, to, moves, seconds, ended, error }) => [
      startedAt ?? endedAt,
      kind,
      from ?? null,
      to ?? null,
      moves ?? null,
      seconds?.move ?? null,
      ended,
      error ?? null,
    ]),
  )
  assert.deepEqual(
    rows.map(({ what, ended }) => `${what} ${ended}`),
    [
      'rebalance 4 running',
      'scale-out succeeded',
      'rebalance 3 failed',
      'scale-out succeeded',
      'rebalance 2 succeeded',
      'rebalance 1 cancelled',
      'scale-out succeeded',
    ],
  )
})
