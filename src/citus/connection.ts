import type { Sql } from 'postgres'
import { within } from '../within.ts'
import { citusFailure } from './citus-error.ts'

const connectSeconds = 4
const idleSeconds = 30

/** A connection to the coordinator, with the notices that arrive on it. */
export type Database = { sql: Sql; notices: string[] }

let kept: (Database & { url: string }) | undefined

/**
 * Asks the coordinator something, on the one connection that is kept between invocations, and waits no longer than the given time.
 * `tried` completes "The coordinator, asked to …".
 * @throws UpstreamError citus-refused with its SQLSTATE, or citus-unavailable
 */
export async function ask<T>(
  url: string,
  tried: string,
  milliseconds: number,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await open(url)
  try {
    return await within(milliseconds, () => work(database))
  } catch (error) {
    const failure = citusFailure(tried, error)
    // A connection that does not answer would make the next invocation wait for this one's statement, and postgres.js waits for ever
    // for one that broke while it was reserved.
    if (failure.reason === 'citus-unavailable') void discard(database)
    throw failure
  }
}

/** Closes the connection, for a process that is about to end. */
export async function closeDatabase(): Promise<void> {
  if (kept) await discard(kept)
}

async function open(url: string): Promise<Database> {
  // Loaded when first asked for: most notifications need no database, and the first answer comes sooner.
  const { default: postgres } = await import('postgres')
  if (kept?.url === url) return kept
  if (kept) void discard(kept)
  const notices: string[] = []
  const sql = postgres(url, {
    max: 1,
    connect_timeout: connectSeconds,
    idle_timeout: idleSeconds,
    // A failed attempt makes postgres.js wait longer before each next one, in vain for whoever asks after the database is back.
    backoff: () => 0,
    // Type names and prepared statements would cost a round trip each, and PgBouncer in transaction mode knows no prepared ones.
    fetch_types: false,
    prepare: false,
    connection: { application_name: 'citus-autoscaler', statement_timeout: 12_000, lock_timeout: 10_000 },
    onnotice: ({ message }) => void (message && notices.push(message)),
  })
  kept = { url, sql, notices }
  return kept
}

async function discard(database: Database): Promise<void> {
  if (kept?.sql === database.sql) kept = undefined
  await database.sql.end({ timeout: 0 })
}
