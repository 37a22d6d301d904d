import { setTimeout } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import type { Sql } from 'postgres'
import { closeDatabase } from '../../src/citus/connection.ts'
import { connect, createDatabase } from '../database.ts'

export type TestCluster = { url: string; sql: Sql; isReal: boolean; worker: { name: string; port: number } }

/**
 * A test that runs on the stand-in and, the very same, on the real Citus that CITUS_DATABASE_URL names: two workers at least, the second
 * of them empty before the tables come, so that there is something to move. What it makes is dropped afterwards.
 */
export function testOnCluster(name: string, run: (cluster: TestCluster, t: TestContext) => Promise<void>): void {
  test(`stand-in: ${name}`, async (t) => {
    const { url, sql, drop } = await createDatabase()
    t.after(drop)
    t.after(closeDatabase)
    await sql`UPDATE citus_stand_in.settings SET seconds_per_move = 0.2`
    await run(await withEmptyWorker({ url, sql, isReal: false }), t)
  })
  const { CITUS_DATABASE_URL: url } = process.env
  test(`real Citus: ${name}`, { skip: url === undefined && 'CITUS_DATABASE_URL is not set' }, async (t) => {
    const sql = connect(url ?? '')
    const endTurn = await takeTurn(sql)
    t.after(async () => {
      await endTurn()
      await sql.end()
    })
    t.after(closeDatabase)
    await dropTables(sql)
    try {
      await run(await withEmptyWorker({ url: url ?? '', sql, isReal: true }), t)
    } finally {
      await dropTables(sql)
    }
  })
}

/** There is one real cluster for all test files, and each waits for its turn. Resolves with what ends it. */
export async function takeTurn(sql: Sql): Promise<() => Promise<void>> {
  const turn = await sql.reserve()
  await turn`SELECT pg_advisory_lock(hashtext('citus-autoscaler tests'))`
  return async () => {
    await turn`SELECT pg_advisory_unlock(hashtext('citus-autoscaler tests'))`
    turn.release()
  }
}

async function dropTables(sql: Sql): Promise<void> {
  await finishRebalance(sql)
  await sql`DROP TABLE IF EXISTS public.events, public.notes, public.countries, public.worker_count CASCADE`
}

async function withEmptyWorker(database: Omit<TestCluster, 'worker'>): Promise<TestCluster> {
  const { sql } = database
  const workers = await sql<{ name: string; port: number }[]>`
    SELECT nodename AS name, nodeport AS port FROM pg_dist_node WHERE groupid <> 0 AND isactive ORDER BY nodeid`
  const [first, ...others] = workers
  const worker = others[0]
  if (!first || !worker) throw new Error('the cluster has fewer than two workers')
  const holdShards = async (may: boolean) => {
    for (const { name, port } of others)
      await sql`SELECT citus_set_node_property(${name}, ${port}, 'shouldhaveshards', ${may})`
  }
  await holdShards(false)
  await sql`CREATE TABLE public.events (tenant_id int, id int, PRIMARY KEY (tenant_id, id))`
  await sql`SELECT create_distributed_table('public.events', 'tenant_id')`
  await holdShards(true)
  return { ...database, worker }
}

/** Waits until no rebalance runs. */
export async function finishRebalance(sql: Sql): Promise<void> {
  const running = () => sql`
    SELECT FROM pg_dist_background_job WHERE state IN ('scheduled', 'running', 'cancelling', 'failing')`
  while ((await running()).length > 0) await setTimeout(100)
}
