import postgres, { type Sql } from 'postgres'
import { dialOnce } from './dial-once.ts'

const connectSeconds = 4
const idleSeconds = 30

/**
 * A client of one connection, which is opened when first asked something, and again after it has been idle.
 * @param server another one than the URL's, with the same user and database
 */
export const connect = (
  url: string,
  onNotice: (message: string) => void,
  server: { host?: string; port?: number } = {},
): Sql =>
  postgres(url, {
    ...server,
    max: 1,
    connect_timeout: connectSeconds,
    idle_timeout: idleSeconds,
    ...{ socket: dialOnce() }, // documented by postgres.js, but not in its types
    // A failed attempt makes the client wait longer before each next one, in vain for whoever waits behind it.
    backoff: () => 0,
    // Type names and prepared statements would cost a round trip each, and PgBouncer in transaction mode knows no prepared ones.
    fetch_types: false,
    prepare: false,
    connection: { application_name: 'citus-autoscaler', statement_timeout: 12_000, lock_timeout: 10_000 },
    onnotice: ({ message }) => {
      if (message) onNotice(message)
    },
  })
