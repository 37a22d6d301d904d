import type { Socket } from 'node:net'
import postgres, { type Sql } from 'postgres'
import { checkFirstAnswer } from './check-first-answer.ts'
import { addressOf, tlsFor, type Database } from './database.ts'
import { dial, type Server } from './dial.ts'
import { isSilence } from './is-silence.ts'

export type Connection = {
  sql: Sql
  isOpen: () => boolean
  /** Closes it at once; a statement that is running continues in the server. */
  close: () => Promise<void>
}

/**
 * Opens one connection, to the first server that accepts it. The signal ends the waiting. The server may still refuse the sign-in: then
 * the first statement fails.
 * Rejects with the error of `dial` or the driver; of several servers with a refusal, if there is one, since that needs a person.
 */
export async function connect(database: Database, password: string, signal: AbortSignal): Promise<Connection> {
  const { servers, targetSessionAttrs: wanted } = database
  if (wanted !== undefined && !Object.hasOwn(attributes, wanted))
    throw new Error(`target_session_attrs ${wanted} is not supported: use one of ${Object.keys(attributes).join(', ')}`)
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

/** A client for this one socket. It never reconnects: when the connection is lost, the next statement fails. */
function clientOf(database: Database, password: string, server: Server, socket: Socket): Connection {
  let isOpen = true
  let unused: Socket | undefined = Object.assign(socket, server) // by which the driver names the server in its errors
  let failure: Error | undefined // of which the driver may not hear: it listens some time after it has taken the socket
  socket.once('error', (error) => (failure = error))
  const takeSocket = () => {
    const taken = unused
    unused = undefined
    // The driver takes the socket some time after it was opened, and would wait for ever if it has been closed since.
    if (taken && !taken.destroyed) {
      checkFirstAnswer(taken, addressOf(server)) // not earlier: a data listener starts reading, and the driver would miss the socket's end
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
    // Fetching types and preparing statements take a round trip each, and PgBouncer in transaction mode has no prepared statements. Time
    // limits are not sent as session parameters either: PgBouncer refuses those by default (pgbouncer#1500).
    fetch_types: false,
    prepare: false,
    connection: { application_name: 'citus-autoscaler', ...database.parameters },
    onnotice: () => undefined,
    onclose: () => (isOpen = false),
  })
  const close = async () => {
    await sql.end({ timeout: 0 })
    socket.destroy() // a silent server does not close its side
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

/** Checks target_session_attrs, and closes the connection if the server does not match. */
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
