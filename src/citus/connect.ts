import type { Socket } from 'node:net'
import postgres, { type Sql } from 'postgres'
import { checkFirstAnswer } from './check-first-answer.ts'
import { addressOf, tlsFor, type Database } from './database.ts'
import { dial, type Server } from './dial.ts'
import { isSilence } from './is-silence.ts'

export type Connection = {
  sql: Sql
  isOpen: () => boolean
  /** Ends it at once; what the server is at goes on there. */
  close: () => Promise<void>
}

/**
 * Opens one connection, to the first server that can be had. What it waits for ends with the signal. The server may still refuse to talk:
 * that is told by the first statement.
 * Rejects with what `dial` or the driver says: of several servers with the one that refused, if any, since that needs a person.
 */
export async function connect(database: Database, password: string, signal: AbortSignal): Promise<Connection> {
  const { servers, targetSessionAttrs: wanted } = database
  if (wanted !== undefined && !Object.hasOwn(attributes, wanted))
    throw new Error(`target_session_attrs ${wanted} is not supported, but ${Object.keys(attributes).join(', ')} are`)
  const failures: unknown[] = []
  for (const server of servers) {
    try {
      const socket = await dial(server, {
        tls: tlsFor(database, server),
        caCertificate: database.caCertificate,
        signal,
      })
      const connection = clientOf(database, password, server, socket)
      if (wanted === undefined || (await isAsWanted(connection, wanted))) return connection
      failures.push(new Error(`${addressOf(server)} is not ${wanted} (target_session_attrs)`))
    } catch (error) {
      failures.push(error)
    }
  }
  throw failures.find((failure) => !isSilence(failure)) ?? failures[0]
}

/** A client of the socket's one connection. It never dials: a connection that is gone is gone, and whoever asks hears of it. */
function clientOf(database: Database, password: string, server: Server, socket: Socket): Connection {
  let isOpen = true
  let unused: Socket | undefined = Object.assign(socket, server) // by which the driver names the server in its errors
  let failure: Error | undefined // of which the driver may not hear: it listens some time after it has taken the socket
  socket.once('error', (error) => (failure = error))
  const takeSocket = () => {
    const taken = unused
    unused = undefined
    // The driver takes it some time after it was dialled, and would wait for ever for what has been closed meanwhile.
    if (taken && !taken.destroyed) {
      checkFirstAnswer(taken, addressOf(server)) // not before: whoever listens for data drains the socket, and its end is then missed
      return taken
    }
    throw (
      failure ??
      Object.assign(new Error(`${addressOf(server)} closed the connection before it was ready`), {
        code: 'CLOSED_TOO_SOON',
      })
    )
  }
  const sql = postgres('', {
    ...{ socket: takeSocket }, // documented by postgres.js, but not in its types
    host: server.host,
    port: server.port,
    user: database.user,
    password,
    database: database.database,
    ssl: false, // the socket has it already
    max: 1,
    backoff: () => 0,
    connect_timeout: 0,
    idle_timeout: 0,
    max_lifetime: 0,
    // Type names and prepared statements would cost a round trip each, and PgBouncer in transaction mode knows no prepared ones. Limits
    // of time are no parameters of the session either: PgBouncer refuses those by default (pgbouncer#1500).
    fetch_types: false,
    prepare: false,
    connection: { application_name: 'citus-autoscaler', ...database.parameters },
    onnotice: () => undefined,
    onclose: () => (isOpen = false),
  })
  const close = async () => {
    await sql.end({ timeout: 0 })
    socket.destroy() // a server that is silent does not close its end
  }
  return { sql, isOpen: () => isOpen, close }
}

type State = { isStandby: boolean; isReadOnly: boolean }

const attributes: Readonly<Record<string, (state: State) => boolean>> = {
  'read-write': ({ isReadOnly }) => !isReadOnly,
  'read-only': ({ isReadOnly }) => isReadOnly,
  primary: ({ isStandby }) => !isStandby,
  standby: ({ isStandby }) => isStandby,
  'prefer-standby': () => true,
}

/** A connection that is not wanted is closed. */
async function isAsWanted({ sql, close }: Connection, wanted: string): Promise<boolean> {
  let isWanted = false
  try {
    const [row] = await sql<State[]>`
      SELECT pg_is_in_recovery() AS "isStandby", current_setting('transaction_read_only')::bool AS "isReadOnly"`
    isWanted = row !== undefined && (attributes[wanted]?.(row) ?? false)
  } finally {
    if (!isWanted) await close()
  }
  return isWanted
}
