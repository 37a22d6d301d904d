import postgres from 'postgres'
import { startPostgres } from './postgres.ts'

/**
 * Starts empty servers for CITUS_WORKER_POOL, with the coordinator's user and password. Of Citus they have only `citus_version()`, which
 * the functions check.
 */
export async function startPoolServers(coordinatorUrl: string, count: number) {
  const { password, pathname } = new URL(coordinatorUrl)
  const database = decodeURIComponent(pathname.slice(1))
  const coordinator = connect(coordinatorUrl)
  const [row] = await coordinator<{ definition: string }[]>`
    SELECT pg_get_functiondef('citus_version()'::regprocedure) AS definition`.finally(() => coordinator.end())
  const servers = await Promise.all(Array.from({ length: count }, () => startPostgres({ password })))
  await Promise.all(servers.map(({ url }) => prepare(url, database, row?.definition ?? '')))
  return {
    addresses: servers.map(({ url }) => new URL(url).host),
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
  }
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
