import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Sql } from 'postgres'
import { createDatabase } from '../database.ts'

// Only the stand-in has a clock that can be set forward, and moves that can be made to fail.

const start = `SELECT citus_rebalance_start('by_shard_count', false, 'block_writes')`

/** A table with four shards on the first of two workers; each move takes 10 s. */
async function lopsidedCluster(t: TestContext): Promise<Sql> {
  const { sql, drop } = await createDatabase()
  t.after(drop)
  await sql.unsafe(`
    UPDATE citus_stand_in.settings SET seconds_per_move = 10;
    CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY);
    SELECT citus_set_node_property('worker-2', 5432, 'shouldhaveshards', false);
    SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4);
    SELECT citus_set_node_property('worker-2', 5432, 'shouldhaveshards', true)`)
  return sql
}

const setClock = (sql: Sql, seconds: number) =>
  sql`UPDATE citus_stand_in.settings SET clock_offset = make_interval(secs => ${seconds})`

async function look(sql: Sql) {
  const [{ state, tasks }] = await sql<[{ state: string; tasks: object }]>`
    SELECT state, details -> 'task_state_counts' AS tasks FROM citus_rebalance_status()`
  const [{ moved }] = await sql<[{ moved: number }]>`
    SELECT count(*)::int AS moved FROM citus_shards WHERE citus_table_type = 'distributed' AND nodename = 'worker-2'`
  return { state, tasks, moved }
}

test('moves run one after another', async (t) => {
  const sql = await lopsidedCluster(t)
  await sql.unsafe(start)
  assert.deepEqual(await look(sql), { state: 'running', tasks: { running: 1, blocked: 1 }, moved: 0 })
  const [progress] = await sql`SELECT sourcename, targetname, status, progress FROM get_rebalance_progress()`
  assert.deepEqual(
    { ...progress },
    { sourcename: 'worker-1', targetname: 'worker-2', status: 'Setting Up', progress: '1' },
  )
  await setClock(sql, 15)
  assert.deepEqual(await look(sql), { state: 'running', tasks: { done: 1, running: 1 }, moved: 1 })
  await setClock(sql, 25)
  assert.deepEqual(await look(sql), { state: 'finished', tasks: { done: 2 }, moved: 2 })
  assert.equal((await sql`SELECT FROM get_rebalance_progress()`).length, 0)
})

test('a shard that is moving when the rebalance is stopped stays on its worker', async (t) => {
  const sql = await lopsidedCluster(t)
  await sql.unsafe(start)
  await setClock(sql, 15)
  await sql`SELECT citus_rebalance_stop()`
  await setClock(sql, 3600)
  assert.deepEqual(await look(sql), { state: 'cancelled', tasks: { done: 1, cancelled: 1 }, moved: 1 })
  const [{ job }] = await sql.unsafe<[{ job: string }]>(`${start} AS job`)
  assert.equal(job, '2')
})

test('a failed move is retried after 5 s, 20 s, and then every minute, 32 times in all', async (t) => {
  const sql = await lopsidedCluster(t)
  await sql`SELECT citus_stand_in.break_moves(${'ERROR: no space left on device\n'})`
  await sql.unsafe(start)
  for (const [seconds, tries, wait] of [
    [1, 1, 4],
    [6, 2, 19],
    [26, 3, 59],
    [86, 4, 59],
  ] as const) {
    await setClock(sql, seconds)
    const [task] = await sql`
      SELECT status, retry_count, message, round(extract(epoch FROM not_before - citus_stand_in.clock()))::int AS wait
      FROM pg_dist_background_task ORDER BY task_id LIMIT 1`
    const expected = { status: 'runnable', retry_count: tries, message: 'ERROR: no space left on device\n' }
    const { wait: measured, ...rest } = { ...task }
    assert.deepEqual(rest, expected)
    assert.ok(Math.abs(Number(measured) - wait) <= 2, `${String(measured)} s until the next try`)
  }
  await setClock(sql, 25 + 30 * 60 + 5)
  assert.deepEqual(await look(sql), { state: 'failed', tasks: { error: 1, unscheduled: 1 }, moved: 0 })
})

test('the retry succeeds when the cause is gone', async (t) => {
  const sql = await lopsidedCluster(t)
  await sql.unsafe(start)
  await setClock(sql, 12)
  await sql`SELECT citus_stand_in.break_moves('ERROR: no')`
  assert.deepEqual(await look(sql), { state: 'running', tasks: { done: 1, runnable: 1 }, moved: 1 })
  await sql`SELECT citus_stand_in.repair_moves()`
  await setClock(sql, 30)
  assert.deepEqual(await look(sql), { state: 'finished', tasks: { done: 2 }, moved: 2 })
})

test('a new node gets the reference tables with its first rebalance, before anything moves', async (t) => {
  const sql = await lopsidedCluster(t)
  await sql`CREATE TABLE public.probe_countries (id bigint PRIMARY KEY)`
  await sql`SELECT create_reference_table('public.probe_countries')`
  await sql`SELECT citus_add_node('worker-3', 5432)`
  const copies = async () => (await sql`SELECT FROM citus_shards WHERE citus_table_type = 'reference'`).length
  await sql.unsafe(start)
  assert.equal(await copies(), 3)
  const [first] = await sql`SELECT command, nodes_involved FROM pg_dist_background_task ORDER BY task_id LIMIT 1`
  assert.deepEqual(
    { ...first },
    { command: "SELECT pg_catalog.replicate_reference_tables('block_writes')", nodes_involved: null },
  )
  await setClock(sql, 11)
  assert.equal(await copies(), 4)
  assert.equal((await look(sql)).moved, 0)
})

test('a rebalance started on a worker is not refused, but none of its moves succeeds', async (t) => {
  const sql = await lopsidedCluster(t)
  await sql`UPDATE citus_stand_in.settings SET is_coordinator = false`
  assert.equal((await sql`SELECT citus_is_coordinator() AS it`)[0]?.it, false)
  await sql.unsafe(start)
  const [task] = await sql`SELECT status, message FROM pg_dist_background_task ORDER BY task_id LIMIT 1`
  assert.equal(task?.status, 'runnable')
  assert.match(String(task?.message), /operation is not allowed on this node/)
})
