import type { Sql } from 'postgres'
import { isTimeUp, within } from '../within.ts'
import { citusFailure, isConnectionLost } from './citus-error.ts'
import type { Connection } from './connect.ts'
import { signsInBy, type Database } from './database.ts'
import { signIn } from './sign-in.ts'

const connectMilliseconds = 4_000
/** The minimum time for a statement, however long opening the connection took. */
const leastMilliseconds = 1_000
const idleMilliseconds = 30_000
/**
 * From this long before we stop waiting, the server also keeps an error in the database. The server's clock starts when its function
 * begins, which may be late on a busy machine, since the driver signs in with the first statement. An error that is both reported and kept
 * does no harm; a lost one would repeat for ever.
 */
export const lateMilliseconds = 8_000

// Loaded on first use: most notifications need no database, and the app starts faster.
const loadDriver = () => import('./connect.ts')

/** Idle connections; and all open ones, with the time until which they may be used. */
const idle = new Map<Database, Connection[]>()
const open = new Map<Connection, Date | undefined>()

/**
 * Runs a query that may be repeated, on a connection that is kept for the next one. Each query has a connection of its own while it runs,
 * so none waits for another. `tried` completes "The coordinator, asked to …".
 * @throws UpstreamError citus-refused with its SQLSTATE, or citus-unavailable
 */
export async function ask<T>(
  database: Database,
  tried: string,
  milliseconds: number,
  read: (sql: Sql) => Promise<T>,
): Promise<T> {
  try {
    const kept = takeIdle(database)
    if (!kept) return await askOnNewConnection(database, milliseconds, read)
    try {
      return await askOnConnection(kept, database, milliseconds, read)
    } catch (error) {
      // The server may have closed the kept connection while it was idle: try a new one.
      if (isTimeUp(error) || !isConnectionLost(error)) throw error
      return await askOnNewConnection(database, milliseconds, read)
    }
  } catch (error) {
    throw citusFailure(tried, error, signsInBy(database))
  }
}

/** Opening the connection counts towards the time limit. */
async function askOnNewConnection<T>(
  database: Database,
  milliseconds: number,
  read: (sql: Sql) => Promise<T>,
): Promise<T> {
  const began = performance.now()
  const connection = await openConnection(database)
  const left = milliseconds - (performance.now() - began)
  return askOnConnection(connection, database, Math.max(Math.round(left), leastMilliseconds), read)
}

async function askOnConnection<T>(
  connection: Connection,
  database: Database,
  milliseconds: number,
  read: (sql: Sql) => Promise<T>,
): Promise<T> {
  try {
    const answer = await within(milliseconds, () => read(connection.sql))
    keep(database, connection)
    return answer
  } catch (error) {
    if (isConnectionLost(error)) close(connection)
    else keep(database, connection)
    throw error
  }
}

/**
 * Starts work in the coordinator that may take long, on a connection of its own. Returns undefined after the given time; the work then
 * continues in the server, even if this process ends, and its outcome is in the database. `work` gets the time after which the server must
 * keep an error, `lateMilliseconds` before we stop waiting.
 * @throws UpstreamError citus-refused with its SQLSTATE, or citus-unavailable
 */
export async function start<T>(
  database: Database,
  tried: string,
  milliseconds: number,
  work: (sql: Sql, remainingWaitMilliseconds: number) => Promise<T>,
): Promise<T | undefined> {
  const end = performance.now() + milliseconds
  const run = async () => {
    const connection = await openConnection(database)
    try {
      await connection.sql.unsafe('SELECT') // the driver signs in with the first statement, which also takes time
      return { result: await work(connection.sql, Math.max(0, Math.round(end - performance.now() - lateMilliseconds))) }
    } finally {
      close(connection)
    }
  }
  const running = run().catch((error: unknown) => {
    throw citusFailure(tried, error, signsInBy(database))
  })
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, milliseconds, undefined)))
  try {
    return (await Promise.race([running, timeUp]))?.result
  } finally {
    clearTimeout(timer)
    running.catch(() => undefined) // the request is answered by then; the database keeps the error of the statement
  }
}

/** PostgreSQL 17 and newer: what a role or database has set would end a start, and its connection, that may take long. */
const noTransactionTimeout = `SELECT set_config('transaction_timeout', '0', true) WHERE current_setting('transaction_timeout', true) IS NOT NULL`

/**
 * Sends one statement with time limits, in one round trip. The limits are set for the transaction only, so that behind a pooler they don't
 * affect other clients. Values must be part of the text: parameters would take a round trip more.
 */
export async function statement(sql: Sql, milliseconds: number, text: string): Promise<Row[]> {
  const limits = `SET LOCAL statement_timeout = ${milliseconds}; SET LOCAL lock_timeout = ${milliseconds}; ${noTransactionTimeout}`
  const results: unknown = await sql.unsafe(`${limits}; ${text}`)
  return rowsOf(Array.isArray(results) ? results.at(-1) : undefined)
}

export type Row = Readonly<Record<string, unknown>>

/** The rows of a result, not parsed. */
export const rowsOf = (result: unknown): Row[] =>
  Array.isArray(result) ? result.filter((row: unknown): row is Row => typeof row === 'object' && row !== null) : []

/** Closes all connections, before the process ends. */
export async function closeDatabase(): Promise<void> {
  const all = [...open.keys()]
  open.clear()
  idle.clear()
  await Promise.all(all.map((connection) => connection.close()))
}

/** Fetching a token and connecting share one limit, so that an answer comes in time. */
async function openConnection(database: Database): Promise<Connection> {
  const { connect } = await loadDriver()
  const began = performance.now()
  const { password, until } = await signIn(database)
  const left = Math.max(connectMilliseconds - Math.round(performance.now() - began), leastMilliseconds)
  const connection = await within(left, (signal) => connect(database, password, signal))
  open.set(connection, until)
  return connection
}

function takeIdle(database: Database): Connection | undefined {
  const waiting = idle.get(database) ?? []
  for (let connection = waiting.pop(); connection; connection = waiting.pop())
    if (connection.isOpen() && !isExpired(connection)) return connection
    else close(connection)
  return undefined
}

const isExpired = (connection: Connection): boolean => (open.get(connection)?.getTime() ?? Infinity) <= Date.now()

function keep(database: Database, connection: Connection): void {
  if (isExpired(connection)) return close(connection)
  const waiting = idle.get(database) ?? []
  idle.set(database, [...waiting, connection])
  setTimeout(() => {
    const still = idle.get(database) ?? []
    if (!still.includes(connection)) return
    idle.set(
      database,
      still.filter((other) => other !== connection),
    )
    close(connection)
  }, idleMilliseconds).unref()
}

function close(connection: Connection): void {
  open.delete(connection)
  void connection.close()
}
