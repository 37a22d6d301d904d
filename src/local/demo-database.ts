import { readdir, readFile } from 'node:fs/promises'
import postgres from 'postgres'
import { installCitusStandIn } from './citus-stand-in.ts'
import { speedUpDatabase, type FastTime } from './fast-time.ts'
import { startPgCron } from './pg-cron.ts'
import { startPostgres } from './postgres.ts'

const folder = new URL('../../sql/', import.meta.url)

/** The role that the functions sign in with: a member of autoscaler_function, as on Azure. */
export const appRole = 'autoscaler_app'

export type DemoDatabase = {
  /** A superuser's. */
  url: string
  /** The functions'. */
  appUrl: string
  sql: postgres.Sql
  stop: () => Promise<void>
}

export type DemoDatabaseOptions = {
  /** Adds nodes to the empty cluster. */
  createCluster: (sql: postgres.Sql) => Promise<unknown>
  secondsPerMove: number
  time: FastTime
}

/** Starts a PostgreSQL server that stands in for the coordinator, with everything from sql/: the example's tables and the cron jobs. */
export async function startDemoDatabase(options: DemoDatabaseOptions): Promise<DemoDatabase> {
  const server = await startPostgres()
  const sql = postgres(server.url, { max: 4, onnotice: () => undefined })
  try {
    await setUp(server.url, options)
    const cron = startPgCron(sql, { speed: options.time.speed })
    return {
      url: server.url,
      appUrl: Object.assign(new URL(server.url), { username: appRole }).href,
      sql,
      async stop() {
        await cron.stop()
        await sql.end()
        await server.stop()
      },
    }
  } catch (error) {
    await sql.end({ timeout: 0 })
    await server.stop()
    throw error
  }
}

async function setUp(url: string, { createCluster, secondsPerMove, time }: DemoDatabaseOptions): Promise<void> {
  // One connection, since the files contain BEGIN and COMMIT.
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await speedUpDatabase(sql, time)
    await installCitusStandIn(sql)
    await createCluster(sql)
    await sql`UPDATE citus_stand_in.settings SET seconds_per_move = ${secondsPerMove}`
    for (const name of await sqlFiles()) await sql.unsafe(await readFile(new URL(name, folder), 'utf8'))
    await createAppRole(sql, url)
    await sql`GRANT autoscaler_function TO ${sql(appRole)}`
  } finally {
    await sql.end()
  }
}

/** With the superuser's password. */
export async function createAppRole(sql: postgres.Sql, url: string): Promise<void> {
  await sql.unsafe(`CREATE ROLE ${appRole} LOGIN PASSWORD '${new URL(url).password}'`)
}

/** The numbered files, in the order of their numbers. */
const sqlFiles = async () => (await readdir(folder)).filter((name) => /^\d.*\.sql$/.test(name)).sort()
