import type { Sql } from 'postgres'
import { isTimeUp, within } from '../within.ts'
import { citusFailure, isConnectionLost } from './citus-error.ts'
import type { Connection } from './connect.ts'
import { signsInBy, type Database } from './database.ts'
import { signIn } from './sign-in.ts'

const connectMilliseconds = 4_000
/** What a statement gets at least, however long the connection took to open. */
const leastMilliseconds = 1_000
const idleMilliseconds = 30_000
/**
 * How long before the end of our waiting the server keeps an error as well as telling it. It counts from when its function begins, which
 * on a busy machine comes late. An error kept twice does no harm, a lost one repeats for ever.
 */
export const lateMilliseconds = 4_000

// Loaded when first asked for: most notifications need no database, and the first answer comes sooner.
const loadDriver = () => import('./connect.ts')

/** Connections that wait for the next question; and all that are open, with the time until which they are to be used. */
const idle = new Map<Database, Connection[]>()
const open = new Map<Connection, Date | undefined>()

/**
 * Asks the coordinator something that may be asked twice, on a connection that is kept for the next question. Nobody waits behind
 * anybody: the time counts from when the statement is sent. `tried` completes "The coordinator, asked to …".
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
    if (!kept) return await askAnew(database, milliseconds, read)
    try {
      return await askOn(kept, database, milliseconds, read)
    } catch (error) {
      // It may have been closed at the other end just now, which says nothing of the server.
      if (isTimeUp(error) || !isConnectionLost(error)) throw error
      return await askAnew(database, milliseconds, read)
    }
  } catch (error) {
    throw citusFailure(tried, error, signsInBy(database))
  }
}

/** On a new connection, whose opening takes its part of the time. */
async function askAnew<T>(database: Database, milliseconds: number, read: (sql: Sql) => Promise<T>): Promise<T> {
  const began = performance.now()
  const connection = await openConnection(database)
  const left = milliseconds - (performance.now() - began)
  return askOn(connection, database, Math.max(Math.round(left), leastMilliseconds), read)
}

async function askOn<T>(
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
 * Has the coordinator do something that may take long, on a connection of its own. After the given time `undefined` comes back while the
 * work goes on in the server, whatever becomes of this process: how it ends must be seen from there. `work` is told how long somebody waits
 * for it, less than we do by `lateMilliseconds`: an error that comes later is the server's to keep.
 * @throws UpstreamError citus-refused with its SQLSTATE, or citus-unavailable
 */
export async function start<T>(
  database: Database,
  tried: string,
  milliseconds: number,
  work: (sql: Sql, waitedForMilliseconds: number) => Promise<T>,
): Promise<T | undefined> {
  const end = performance.now() + milliseconds
  const run = async () => {
    const connection = await openConnection(database)
    try {
      await connection.sql.unsafe('SELECT') // the driver signs in with the first statement, and that takes of the time as well
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
    running.catch(() => undefined) // whoever asked has an answer by then; the statement keeps its error in the database
  }
}

/**
 * Sends one statement under limits of its own, in one round trip. They are set within the transaction, so that a pooler hands them to
 * nobody else. Values must be part of the text: parameters would cost a round trip.
 */
export async function statement(sql: Sql, milliseconds: number, text: string): Promise<Row[]> {
  const limits = `SET LOCAL statement_timeout = ${milliseconds}; SET LOCAL lock_timeout = ${milliseconds}`
  const results: unknown = await sql.unsafe(`${limits}; ${text}`)
  return rowsOf(Array.isArray(results) ? results.at(-1) : undefined)
}

export type Row = Readonly<Record<string, unknown>>

/** The rows of a result, as they are: whoever asked for them parses them. */
export const rowsOf = (result: unknown): Row[] =>
  Array.isArray(result) ? result.filter((row: unknown): row is Row => typeof row === 'object' && row !== null) : []

/** Closes all connections, for a process that is about to end. */
export async function closeDatabase(): Promise<void> {
  const all = [...open.keys()]
  open.clear()
  idle.clear()
  await Promise.all(all.map((connection) => connection.close()))
}

/** A token that comes late leaves the less time to connect: an answer must come in time. */
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
    if (connection.isOpen() && !isOver(connection)) return connection
    else close(connection)
  return undefined
}

const isOver = (connection: Connection): boolean => (open.get(connection)?.getTime() ?? Infinity) <= Date.now()

function keep(database: Database, connection: Connection): void {
  if (isOver(connection)) return close(connection)
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
