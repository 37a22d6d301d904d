import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import type { Sql } from 'postgres'
import { closeDatabase } from '../../src/citus/connection.ts'
import type { Database } from '../../src/citus/database.ts'
import { connect, createDatabase } from '../database.ts'
import { databaseOf } from './database-of.ts'
import { dropStrategies } from './strategies.ts'

export type TestCluster = {
  url: string
  database: Database
  sql: Sql
  isReal: boolean
  /** The second worker, which is empty. */
  worker: { name: string; port: number }
}

/**
 * A test that runs on the stand-in and on the real Citus that CITUS_DATABASE_URL names: two workers, the second of them empty, so that there
 * is something to move; the schema autoscaler; one row in worker_count. Everything is dropped at the end.
 */
export function testOnCluster(name: string, run: (cluster: TestCluster, t: TestContext) => Promise<void>): void {
  test(`stand-in: ${name}`, async (t) => {
    const { url, sql, drop } = await createDatabase()
    await sql`UPDATE citus_stand_in.settings SET seconds_per_move = 0.2`
    await runAndClose(t, { url, sql, isReal: false }, run, drop)
  })
  const { CITUS_DATABASE_URL: url } = process.env
  test(`real Citus: ${name}`, { skip: url === undefined && 'CITUS_DATABASE_URL is not set' }, async (t) => {
    const real = await openRealCluster(url ?? '')
    await runAndClose(t, { url: url ?? '', sql: real.sql, isReal: true }, run, real.close)
  })
}

// Tests may run at the same time: closing this process's connections would break the requests of the others.
let running = 0

async function closeUnused(): Promise<void> {
  running -= 1
  if (running === 0) await closeDatabase()
}

async function runAndClose(
  t: TestContext,
  opened: Omit<TestCluster, 'worker' | 'database'>,
  run: (cluster: TestCluster, t: TestContext) => Promise<void>,
  close: () => Promise<void>,
): Promise<void> {
  running += 1
  try {
    await run(await withEmptyWorker(opened), t)
  } finally {
    // Registered last, to run after the test's own hooks.
    t.after(closeUnused)
    t.after(close)
  }
}

/** The real cluster without tables and rebalances, with the current schema. Closing removes both again. */
export async function openRealCluster(url: string): Promise<{ sql: Sql; close: () => Promise<void> }> {
  const sql = connect(url)
  const endTurn = await takeTurn(sql)
  const close = async () => {
    await emptyCluster(sql)
    await runFile(url, 'remove')
    await endTurn()
    await sql.end()
  }
  try {
    await emptyCluster(sql)
    await runFile(url, '01-autoscaler')
    return { sql, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Waits for this test's turn: all test files share one real cluster. Resolves with a function that ends the turn. */
export async function takeTurn(sql: Sql): Promise<() => Promise<void>> {
  const turn = await sql.reserve()
  await turn`SELECT pg_advisory_lock(hashtext('citus-autoscaler tests'))`
  return async () => {
    await turn`SELECT pg_advisory_unlock(hashtext('citus-autoscaler tests'))`
    turn.release()
  }
}

/** Runs a file of sql/ on a new connection, because these files have BEGIN and COMMIT. */
export async function runFile(url: string, name: string): Promise<void> {
  const sql = connect(url, { max: 1 })
  try {
    await sql.unsafe(await readFile(new URL(`../../sql/${name}.sql`, import.meta.url), 'utf8'))
  } finally {
    await sql.end()
  }
}

/** Removes what an earlier test may have left: its rebalance, tables and strategies, and the records of jobs. */
async function emptyCluster(sql: Sql): Promise<void> {
  await sql`SELECT citus_rebalance_stop()`.catch(() => undefined) // usually none runs
  await finishRebalance(sql)
  await sql`DROP TABLE IF EXISTS public.events, public.notes, public.countries, public.large CASCADE`
  await resetShouldHaveShards(sql)
  await dropStrategies(sql)
  await sql`CALL citus_cleanup_orphaned_resources()`
  await sql`DELETE FROM pg_dist_background_task_depend`
  await sql`DELETE FROM pg_dist_background_task`
  await sql`DELETE FROM pg_dist_background_job`
}

/** Allows shards on all workers, and not on the coordinator. */
async function resetShouldHaveShards(sql: Sql): Promise<void> {
  await sql`SELECT citus_set_node_property(nodename, nodeport, 'shouldhaveshards', groupid <> 0) FROM pg_dist_node`
}

async function withEmptyWorker(opened: Omit<TestCluster, 'worker' | 'database'>): Promise<TestCluster> {
  const { url, sql } = opened
  const workers = await sql<{ name: string; port: number }[]>`
    SELECT nodename AS name, nodeport AS port FROM pg_dist_node WHERE groupid <> 0 AND isactive ORDER BY nodeid`
  const [first, worker, ...others] = workers
  if (!first || !worker || others.length > 0)
    throw new Error(`the cluster has ${workers.length} workers instead of two`)
  await mayHoldShards(sql, worker, false)
  await sql`CREATE TABLE public.events (tenant_id int, id int, PRIMARY KEY (tenant_id, id))`
  await sql`SELECT create_distributed_table('public.events', 'tenant_id')`
  await mayHoldShards(sql, worker, true)
  await sql`DELETE FROM public.worker_count` // pg_cron may have recorded one worker less
  await recordWorkers(sql)
  return { ...opened, database: databaseOf(url), worker }
}

/** Sets shouldhaveshards, as a person does before and after maintenance of a worker. */
export async function mayHoldShards(sql: Sql, worker: TestCluster['worker'], may: boolean): Promise<void> {
  await sql`SELECT citus_set_node_property(${worker.name}, ${worker.port}, 'shouldhaveshards', ${may})`
}

/** Adds a row to worker_count, as the cron job does. */
export async function recordWorkers(sql: Sql): Promise<void> {
  await sql`INSERT INTO public.worker_count (count) SELECT autoscaler.count_workers()`
}

/** Waits until no rebalance runs. */
export async function finishRebalance(sql: Sql): Promise<void> {
  const running = () => sql`
    SELECT FROM pg_dist_background_job WHERE state IN ('scheduled', 'running', 'cancelling', 'failing')`
  while ((await running()).length > 0) await setTimeout(100)
}
