import type { TestContext } from 'node:test'
import { preparePoolServers } from '../../src/local/pool-servers.ts'
import { startPostgres, type PostgresServer } from '../../src/local/postgres.ts'
import { connect, serverOptions } from '../database.ts'

// Started once for all tests of a process, and ended with it. Each test has its own databases on them.
const servers: Promise<PostgresServer>[] = []

/**
 * The addresses of servers that can become workers of this coordinator, prepared as by `startPoolServers`: each has an empty database with the
 * name of the coordinator's, which is dropped after the test.
 */
export async function poolServers(t: TestContext, coordinatorUrl: string, count: number): Promise<string[]> {
  const { password, pathname } = new URL(coordinatorUrl)
  while (servers.length < count) servers.push(startPostgres({ password, ...serverOptions }))
  const urls = (await Promise.all(servers.slice(0, count))).map(({ url }) => url)
  await preparePoolServers(urls, coordinatorUrl)
  t.after(() => Promise.all(urls.map((url) => dropDatabase(url, pathname.slice(1)))))
  return urls.map((url) => new URL(url).host)
}

async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  const sql = connect(serverUrl, { max: 1 })
  await sql.unsafe(`DROP DATABASE ${name} WITH (FORCE)`).finally(() => sql.end())
}
