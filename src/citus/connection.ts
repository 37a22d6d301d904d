import type { Sql } from 'postgres'
import { within } from '../within.ts'
import { citusFailure } from './citus-error.ts'

// Loaded when first asked for: most notifications need no database, and the first answer comes sooner.
const loadDriver = () => import('./connect.ts')

let kept: { url: string; sql: Sql } | undefined

/**
 * Reads something from the coordinator, on the one connection that is kept between invocations, and waits no longer than the given time.
 * `tried` completes "The coordinator, asked to …".
 * @throws UpstreamError citus-refused with its SQLSTATE, or citus-unavailable
 */
export async function ask<T>(
  url: string,
  tried: string,
  milliseconds: number,
  read: (sql: Sql) => Promise<T>,
): Promise<T> {
  let connection: Sql | undefined
  try {
    const sql = await keptConnection(url)
    connection = sql
    return await within(milliseconds, () => read(sql))
  } catch (error) {
    const failure = citusFailure(tried, error)
    // A connection that does not answer would make the next invocation wait for this one's statement.
    if (connection && failure.reason === 'citus-unavailable') void discard(connection)
    throw failure
  }
}

/**
 * Has the coordinator do something that may take long, on a connection of its own: on the one that is kept, whatever a scale-out has to
 * know would wait behind it and be given up. `notices` fills with what the server says beside its answer.
 * @throws UpstreamError citus-refused with its SQLSTATE, or citus-unavailable
 */
export async function askApart<T>(
  url: string,
  tried: string,
  milliseconds: number,
  work: (sql: Sql, notices: readonly string[]) => Promise<T>,
): Promise<T> {
  let connection: Sql | undefined
  try {
    const { connect } = await loadDriver()
    const notices: string[] = []
    const sql = connect(url, (notice) => notices.push(notice))
    connection = sql
    return await within(milliseconds, () => work(sql, notices))
  } catch (error) {
    throw citusFailure(tried, error)
  } finally {
    void connection?.end({ timeout: 0 })
  }
}

/** Closes the connection that is kept, for a process that is about to end. */
export async function closeDatabase(): Promise<void> {
  if (kept) await discard(kept.sql)
}

async function keptConnection(url: string): Promise<Sql> {
  const { connect } = await loadDriver()
  if (kept?.url === url) return kept.sql
  if (kept) void discard(kept.sql)
  kept = { url, sql: connect(url, () => undefined) }
  return kept.sql
}

async function discard(sql: Sql): Promise<void> {
  if (kept?.sql === sql) kept = undefined
  await sql.end({ timeout: 0 })
}
