import type { Sql } from 'postgres'
import * as z from 'zod/mini'
import { within } from '../within.ts'
import { serverError } from './citus-error.ts'
import { onServer, type Database } from './database.ts'
import type { Server } from './dial.ts'
import { signIn } from './sign-in.ts'

const inspectMilliseconds = 4_000

/** What a server must match to become a worker: PostgreSQL's major version and the first two numbers of Citus's. */
export type Versions = { postgres: number; citus: string }

/**
 * Checks a server of the pool before it becomes a worker, signing in with the coordinator's user and database: `citus_add_node` would
 * accept a server that already has tables, whose names may conflict. Returns undefined, or why the server can't be used.
 */
export async function inspectPoolServer(
  server: Server,
  coordinator: Database,
  wanted: Versions,
): Promise<string | undefined> {
  const { connect } = await import('./connect.ts')
  try {
    return await within(inspectMilliseconds, async (signal) => {
      const { password } = await signIn(coordinator)
      const connection = await connect(onServer(coordinator, server), password, signal)
      try {
        const [versions, tables] = await Promise.all([readVersions(connection.sql), countTables(connection.sql)])
        return unfitReason(versions, tables, wanted)
      } finally {
        void connection.close()
      }
    })
  } catch (error) {
    const refusal = serverError(error)
    if (refusal?.code === '42883') return 'lacks the extension citus: CREATE EXTENSION citus there'
    const why = error instanceof Error ? error.message || 'no reason given' : String(error)
    return `${refusal ? 'refuses' : 'does not answer'}: ${why}`
  }
}

/** Rejects with SQLSTATE 42883 when Citus is not installed. */
export async function readVersions(sql: Sql): Promise<Versions> {
  const [row] = await sql.unsafe(`
    SELECT current_setting('server_version_num')::int / 10000 AS postgres,
           substring(citus_version() FROM 'Citus (\\d+\\.\\d+)') AS citus`)
  return z.object({ postgres: z.number(), citus: z.string() }).parse(row)
}

async function countTables(sql: Sql): Promise<number> {
  const [row] = await sql.unsafe(`
    SELECT count(*)::int AS tables FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')`)
  return z.object({ tables: z.number() }).parse(row).tables
}

function unfitReason(found: Versions, tables: number, wanted: Versions): string | undefined {
  if (found.citus !== wanted.citus) return `has Citus ${found.citus}, the coordinator has ${wanted.citus}`
  if (found.postgres !== wanted.postgres)
    return `has PostgreSQL ${found.postgres}, the coordinator has ${wanted.postgres}`
  return tables > 0 ? `already has tables (${tables}): a new worker must be empty` : undefined
}
