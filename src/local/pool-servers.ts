import postgres from 'postgres'
import { startPostgres } from './postgres.ts'

/**
 * Starts empty servers for CITUS_WORKER_POOL, with the coordinator's user and password. The only part of Citus in them is
 * `citus_version()`, which the functions check.
 */
export async function startPoolServers(coordinatorUrl: string, count: number) {
  const { password } = new URL(coordinatorUrl)
  const servers = await Promise.all(Array.from({ length: count }, () => startPostgres({ password })))
  const urls = servers.map(({ url }) => url)
  await preparePoolServers(urls, coordinatorUrl)
  return {
    addresses: urls.map((url) => new URL(url).host),
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
  }
}

/** Creates a database with the coordinator's name on each server, if it is missing, and `citus_version()` in it. */
export async function preparePoolServers(urls: readonly string[], coordinatorUrl: string): Promise<void> {
  const database = decodeURIComponent(new URL(coordinatorUrl).pathname.slice(1))
  const coordinator = connect(coordinatorUrl)
  const [row] = await coordinator<{ definition: string }[]>`
    SELECT pg_get_functiondef('citus_version()'::regprocedure) AS definition`.finally(() => coordinator.end())
  await Promise.all(urls.map((url) => prepare(url, database, row?.definition ?? '')))
}

async function prepare(url: string, database: string, citusVersion: string): Promise<void> {
  const server = connect(url)
  const exists = await server`SELECT FROM pg_database WHERE datname = ${database}`
  if (exists.length === 0) await server`CREATE DATABASE ${server(database)}`
  await server.end()
  const sql = connect(Object.assign(new URL(url), { pathname: database }).href)
  await sql.unsafe(`SET allow_system_table_mods = on; ${citusVersion}`)
  await sql.end()
}

const connect = (url: string) => postgres(url, { max: 1, onnotice: () => undefined })
