import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import postgres, { type Sql } from 'postgres'
import { installCitusStandIn } from '../src/local/citus-stand-in.ts'
import { startPostgres, type PostgresServer, type ServerOptions } from '../src/local/postgres.ts'

export type Database = {
  url: string
  sql: Sql
  /** Drops the database and closes all connections to it. */
  drop: () => Promise<void>
}

/** A stand-in cluster of two workers without tables, before and after sql/01 has run. Each test's database is a copy of one of them. */
const bareTemplate = 'citus_stand_in_bare'
export const templateDatabase = 'citus_stand_in'

const { TEST_DATABASE_SERVER_URL, TEST_SERVER_TEMPLATE } = process.env

/** Options for `startPostgres`: under test/run.ts a server starts as a copy of the one there, with its password. */
export const serverOptions: ServerOptions =
  TEST_DATABASE_SERVER_URL && TEST_SERVER_TEMPLATE
    ? { password: new URL(TEST_DATABASE_SERVER_URL).password, template: TEST_SERVER_TEMPLATE }
    : {}

/** Starts a server with the two template databases. */
export async function startServer(options = serverOptions): Promise<PostgresServer> {
  const server = await startPostgres(options)
  const sql = connect(server.url)
  try {
    await sql.unsafe(`CREATE DATABASE ${bareTemplate}`)
    await inDatabase(server.url, bareTemplate, async (bare) => {
      await installCitusStandIn(bare)
      await bare`SELECT citus_stand_in.create_cluster(2)`
    })
    await sql.unsafe(`CREATE DATABASE ${templateDatabase} TEMPLATE ${bareTemplate}`)
    const file = await readFile(new URL('../sql/01-autoscaler.sql', import.meta.url), 'utf8')
    await inDatabase(server.url, templateDatabase, (template) => template.unsafe(file))
    return server
  } catch (error) {
    await server.stop()
    throw error
  } finally {
    await sql.end()
  }
}

/** On one connection, because the files of sql/ have BEGIN and COMMIT. */
async function inDatabase(server: string, name: string, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const sql = connect(databaseUrl(server, name), { max: 1 })
  try {
    await work(sql)
  } finally {
    await sql.end()
  }
}

let ownServer: Promise<PostgresServer> | undefined

/** Makes this process start its own server. For tests that create roles, which all databases of a server share. */
export function useOwnServer(): void {
  delete process.env.TEST_DATABASE_SERVER_URL
}

/** The server that test/run.ts has started, or a new one when a test file runs without it. */
async function serverUrl(): Promise<string> {
  const { TEST_DATABASE_SERVER_URL } = process.env
  if (TEST_DATABASE_SERVER_URL) return TEST_DATABASE_SERVER_URL
  ownServer ??= startServer()
  return (await ownServer).url
}

/**
 * A new database: a stand-in cluster with sql/01 run, without it (`{ bare: true }`), or an empty database without Citus and pg_cron
 * (`{ empty: true }`). Drop it after use.
 */
export async function createDatabase({ empty = false, bare = false } = {}): Promise<Database> {
  const server = await serverUrl()
  const name = `test_${randomBytes(6).toString('hex')}`
  await administer(
    server,
    `CREATE DATABASE ${name} TEMPLATE ${empty ? 'template0' : bare ? bareTemplate : templateDatabase} STRATEGY file_copy`,
  )
  const url = databaseUrl(server, name)
  const sql = connect(url)
  const drop = async () => {
    await sql.end()
    await administer(server, `DROP DATABASE ${name} WITH (FORCE)`)
  }
  return { url, sql, drop }
}

/** A client whose notices are not printed. `options` as for `postgres`. */
export function connect(url: string, options: postgres.Options<Record<string, never>> = {}): Sql {
  return postgres(url, { max: 4, onnotice: () => undefined, ...options })
}

let administration: Sql | undefined

/** Keeps its connections for the next test, because opening one takes as long as creating a database. They close when idle. */
async function administer(server: string, statement: string): Promise<void> {
  administration ??= connect(server, { idle_timeout: 1, fetch_types: false })
  await administration.unsafe(statement)
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = name
  return url.href
}
