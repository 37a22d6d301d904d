import type { TestContext } from 'node:test'
import type { Sql } from 'postgres'
import { until } from '../until.ts'
import type { TestCluster } from './clusters.ts'

/** Keeps every shard move from finishing until the returned function is called or the test ends. */
export async function holdMoves({ sql, isReal }: TestCluster, t: TestContext): Promise<() => Promise<void>> {
  // A move waits for open transactions that have written to its shard.
  if (isReal) return openTransaction(sql, t, 'UPDATE public.events SET id = id')
  await sql`UPDATE citus_stand_in.settings SET seconds_per_move = 600`
  return async () => {
    await sql`UPDATE citus_stand_in.settings SET clock_offset = clock_offset + interval '1 day'`
  }
}

/** Leaves a transaction open after this statement; resolves with a function that ends it. */
export async function openTransaction(sql: Sql, t: TestContext, statement: string): Promise<() => Promise<void>> {
  const locked = Promise.withResolvers<undefined>()
  const released = Promise.withResolvers<undefined>()
  const held = sql.begin(async (transaction) => {
    await transaction.unsafe(statement)
    locked.resolve(undefined)
    await released.promise
  })
  const release = async () => {
    released.resolve(undefined)
    await held
  }
  held.catch(locked.reject)
  t.after(release)
  await locked.promise
  return release
}

/** Cancels the app's statement that contains this word as soon as it waits for a lock. */
export async function cancelWaiting(sql: Sql, word: string): Promise<void> {
  await until('the statement waits for a lock', async () => {
    const cancelled = await sql`
      SELECT pg_cancel_backend(pid::int) FROM pg_stat_activity
      WHERE application_name = 'citus-autoscaler' AND query LIKE ${`%${word}%`} AND datname = current_database() AND wait_event_type = 'Lock'`
    return cancelled.length > 0
  })
}
