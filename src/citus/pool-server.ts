import type { Sql } from 'postgres'
import * as z from 'zod/mini'
import { within } from '../within.ts'

const inspectMilliseconds = 4_000

/** A server that waits to become a worker. */
export type PoolServer = { host: string; port: number }

export const addressOf = ({ host, port }: PoolServer) => `${host}:${port}`

/** What a server must match to become a worker: PostgreSQL's major version and the first two numbers of Citus's. */
export type Versions = { postgres: number; citus: string }

/**
 * Looks at a server of the pool, with the coordinator's user and database, before it becomes a worker: `citus_add_node` would take one
 * that holds tables already, whose names may then clash. Undefined when it is fit, else the reason why it is not.
 */
export async function inspectPoolServer(
  server: PoolServer,
  coordinatorUrl: string,
  wanted: Versions,
): Promise<string | undefined> {
  const { connect } = await import('./connect.ts')
  const sql = connect(coordinatorUrl, () => undefined, server)
  try {
    const [versions, tables] = await within(inspectMilliseconds, () =>
      Promise.all([readVersions(sql), countTables(sql)]),
    )
    return unfitness(versions, tables, wanted)
  } catch (error) {
    if (isMissingFunction(error)) return 'lacks the extension citus: CREATE EXTENSION citus there'
    const why = error instanceof Error ? error.message || error.name : String(error)
    return `${isServerError(error) ? 'refuses' : 'does not answer'}: ${why}`
  } finally {
    await sql.end({ timeout: 0 })
  }
}

/** Rejects with SQLSTATE 42883 where there is no Citus. */
export async function readVersions(sql: Sql): Promise<Versions> {
  const [row] = await sql`
    SELECT current_setting('server_version_num')::int / 10000 AS postgres,
           substring(citus_version() FROM 'Citus (\\d+\\.\\d+)') AS citus`
  return z.object({ postgres: z.number(), citus: z.string() }).parse(row)
}

async function countTables(sql: Sql): Promise<number> {
  const [row] = await sql`
    SELECT count(*)::int AS tables FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')`
  return z.object({ tables: z.number() }).parse(row).tables
}

const isServerError = (error: unknown) => error instanceof Error && error.name === 'PostgresError'
const isMissingFunction = (error: unknown) => error instanceof Error && 'code' in error && error.code === '42883'

function unfitness(found: Versions, tables: number, wanted: Versions): string | undefined {
  if (found.citus !== wanted.citus) return `has Citus ${found.citus}, the coordinator has ${wanted.citus}`
  if (found.postgres !== wanted.postgres)
    return `has PostgreSQL ${found.postgres}, the coordinator has ${wanted.postgres}`
  return tables > 0 ? `holds tables of its own (${tables}): a new worker must be empty` : undefined
}
