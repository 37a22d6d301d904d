import postgres from 'postgres'
import { startPostgres, type PostgresServer } from './postgres.ts'

/**
 * Starts empty servers that wait to become workers, with the coordinator's user and password. What they have of Citus is its version:
 * that is what the functions ask a server of the pool.
 */
export async function startPoolServers(coordinatorUrl: string, count: number) {
  const { password } = new URL(coordinatorUrl)
  const servers = await Promise.all(Array.from({ length: count }, () => startPostgres({ password })))
  await Promise.all(servers.map(({ url }) => copyVersion(coordinatorUrl, url)))
  return {
    addresses: servers.map(({ url }) => new URL(url).host),
    stop: async () => void (await Promise.all(servers.map((server: PostgresServer) => server.stop()))),
  }
}

async function copyVersion(from: string, to: string): Promise<void> {
  const [coordinator, server] = [from, to].map((url) => postgres(url, { max: 1, onnotice: () => undefined }))
  if (!coordinator || !server) throw new Error('there are two URLs')
  const [row] = await coordinator<{ definition: string }[]>`
    SELECT pg_get_functiondef('citus_version()'::regprocedure) AS definition`
  if (row) await server.unsafe(`SET allow_system_table_mods = on; ${row.definition}`)
  await Promise.all([coordinator.end(), server.end()])
}
