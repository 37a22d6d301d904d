import { readFile } from 'node:fs/promises'
import { describe } from 'node:test'
import postgres, { type Notice, type Sql } from 'postgres'
import { readVersions } from '../../src/citus/pool-server.ts'
import { startPgCron } from '../../src/local/pg-cron.ts'
import { takeTurn } from '../citus/clusters.ts'
import { shrink } from '../citus/real-pool.ts'
import { connect, createDatabase } from '../database.ts'
import { until } from '../until.ts'

export type Address = { host: string; port: number }

/** A Citus cluster, stand-in or real: a coordinator without shards and two workers, no tables, sql/ not applied. */
export type Cluster = {
  url: string
  sql: Sql
  isReal: boolean
  /** A server that could be added. A real cluster has one when CITUS_WORKER_POOL names it. */
  spare: Address | undefined
  /** Makes every move to this worker fail. */
  breakMovesTo: (worker: Address) => Promise<void>
  repairMovesTo: (worker: Address) => Promise<void>
  /** Sets whether tasks of a job start. If not, it looks as if all background workers were busy. */
  allowTasks: (may: boolean) => Promise<void>
  /** Waits until the newest rebalance is over, and returns how it ended. */
  rebalanceEnd: () => Promise<string>
  close: () => Promise<void>
}

/** Runs the cases on the stand-in and, if CITUS_DATABASE_URL is set, on that real Citus. */
export function describeOnEachEngine(title: string, cases: (open: () => Promise<Cluster>) => void): void {
  const { CITUS_DATABASE_URL: url } = process.env
  describe(`${title}, on the stand-in`, () => cases(openStandIn))
  describe(`${title}, on a real Citus`, { skip: url ? false : 'CITUS_DATABASE_URL is not set' }, () => {
    if (url) cases(() => openCitus(url))
  })
}

/** Citus's major version. Some messages differ between versions; the stand-in has those of 13. */
export const citusMajor = async (sql: Sql): Promise<number> => Number.parseInt((await readVersions(sql)).citus, 10)

async function openStandIn(): Promise<Cluster> {
  const { url, sql, drop } = await createDatabase({ bare: true })
  // So long that moves end only when rebalanceEnd sets the clock forward.
  await sql`UPDATE citus_stand_in.settings SET seconds_per_move = 600`
  await sql`INSERT INTO citus_stand_in.dead_server VALUES ('127.0.0.1', 1)` // nothing listens there on a real machine either
  const cron = startPgCron(sql, { speed: 50 })
  return {
    url,
    sql,
    isReal: false,
    spare: { host: 'worker-3', port: 5432 },
    breakMovesTo: async () => {
      await sql`SELECT citus_stand_in.break_moves(${'ERROR: cannot execute DROP TABLE in a read-only transaction\n'})`
    },
    repairMovesTo: async () => {
      await sql`SELECT citus_stand_in.repair_moves()`
    },
    allowTasks: async (may) => {
      await sql`UPDATE citus_stand_in.settings SET has_background_workers = ${may}`
      if (may) await sql`SELECT citus_stand_in.repair_moves()`
    },
    rebalanceEnd: async () => {
      await sql`UPDATE citus_stand_in.settings SET clock_offset = clock_offset + '1 day'`
      return rebalanceEnd(sql)
    },
    close: async () => {
      await cron.stop()
      await drop()
    },
  }
}

async function openCitus(url: string): Promise<Cluster> {
  const sql = connect(url)
  const endTurn = await takeTurn(sql)
  const readNodes = () =>
    sql<{ host: string; port: number; shards: boolean }[]>`
      SELECT nodename AS host, nodeport AS port, shouldhaveshards AS shards FROM pg_dist_node`
  const nodes = await readNodes()
  const [{ used } = { used: true }] = await sql<{ used: boolean }[]>`
    SELECT EXISTS (SELECT FROM pg_dist_partition) OR to_regclass('public.worker_count') IS NOT NULL AS used`
  if (used || nodes.length !== 3) {
    await endTurn()
    await sql.end()
    throw new Error(
      'CITUS_DATABASE_URL must be a coordinator and two workers without distributed tables and worker_count',
    )
  }
  const [host, port] = process.env.CITUS_WORKER_POOL?.split(',')[0]?.split(':') ?? []

  return {
    url,
    sql,
    isReal: true,
    spare: host && port ? { host, port: Number(port) } : undefined,
    breakMovesTo: (worker) => setReadOnly(url, worker, true),
    repairMovesTo: (worker) => setReadOnly(url, worker, false),
    // Citus stops reading its queue. It looks the same as too few max_worker_processes, but needs no restart.
    allowTasks: async (may) => {
      await sql.unsafe(
        `ALTER SYSTEM ${may ? 'RESET citus.background_task_queue_interval' : 'SET citus.background_task_queue_interval = -1'}`,
      )
      await sql`SELECT pg_reload_conf()`
    },
    rebalanceEnd: () => rebalanceEnd(sql),
    close: async () => {
      await sql`SELECT citus_rebalance_stop()`.catch(() => undefined) // usually none runs
      await until('the rebalance is stopped', async () => {
        const [status] = await sql`SELECT finished_at IS NOT NULL AS over FROM citus_rebalance_status()`
        return status?.over !== false
      })
      for (const { name } of await sql<{ name: string }[]>`SELECT logicalrelid::text AS name FROM pg_dist_partition`) {
        await sql.unsafe(`DROP TABLE IF EXISTS ${name} CASCADE`)
      }
      await applySql(url, 'remove.sql')
      for (const { host, port } of await readNodes()) {
        const known = nodes.find((node) => node.host === host && node.port === port)
        if (known) await sql`SELECT citus_set_node_property(${host}, ${port}, 'shouldhaveshards', ${known.shards})`
        else await shrink(sql, url, `${host}:${port}`)
      }
      // a test may have removed it itself, which leaves its tables there
      if (host && port) await shrink(sql, url, `${host}:${port}`)
      await endTurn()
      await sql.end()
    },
  }
}

async function setReadOnly(coordinator: string, worker: Address, on: boolean): Promise<void> {
  const url = new URL(coordinator)
  url.hostname = worker.host
  url.port = String(worker.port)
  const sql = connect(url.href, { max: 1 })
  try {
    await sql.unsafe(
      `ALTER SYSTEM ${on ? 'SET default_transaction_read_only = on' : 'RESET default_transaction_read_only'}`,
    )
    await sql`SELECT pg_reload_conf()`
  } finally {
    await sql.end()
  }
}

/** The URL for this role, whose password is `probe`. */
export function urlOf(role: string, url: string): string {
  return Object.assign(new URL(url), { username: role, password: 'probe' }).href
}

/** Runs statements as this role, on a new connection. */
export async function asRole<T>(role: string, { url }: Cluster, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = connect(urlOf(role, url), { max: 1 })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}

/** The worker with the highest node id. */
export async function lastWorker(sql: Sql): Promise<Address> {
  const [worker] = await sql<[Address]>`
    SELECT nodename AS host, nodeport AS port FROM pg_dist_node WHERE groupid <> 0 ORDER BY nodeid DESC LIMIT 1`
  return worker
}

export async function allowShards(sql: Sql, { host, port }: Address, may: boolean): Promise<void> {
  await sql`SELECT citus_set_node_property(${host}, ${port}, 'shouldhaveshards', ${may})`
}

/** Runs a file of sql/ as psql would, as another role if given, and returns its notices. */
export async function applySql(url: string, file: string, as?: string): Promise<Notice[]> {
  const notices: Notice[] = []
  const sql = connect(url, { max: 1, onnotice: (notice) => notices.push(notice) })
  try {
    if (as) await sql`SELECT set_config('role', ${as}, false)`
    await sql.unsafe(await readFile(new URL(`../../sql/${file}`, import.meta.url), 'utf8'))
    return notices
  } finally {
    await sql.end()
  }
}

async function rebalanceEnd(sql: Sql): Promise<string> {
  const { state } = await until('the rebalance ends', async () => {
    const [status] = await sql<{ state: string }[]>`
      SELECT state FROM citus_rebalance_status() WHERE finished_at IS NOT NULL`
    return status
  })
  return state
}

export type Said = { code: string | undefined; message: string | undefined; detail?: string; hint?: string }

/** The last message of the server for this statement: a notice or an error. `as`: the role that runs it. */
export async function hear(url: string, statement: string, as?: string): Promise<Said | undefined> {
  const notices: Notice[] = []
  const sql = connect(url, { max: 1, onnotice: (notice) => notices.push(notice) })
  try {
    if (as) await sql`SELECT set_config('role', ${as}, false), set_config('search_path', 'public', false)`
    await sql.unsafe(statement)
  } catch (error) {
    if (error instanceof postgres.PostgresError) return said(error)
    throw error
  } finally {
    await sql.end()
  }
  return notices.map(said).at(-1)
}

function said({ code, message, detail, hint }: Notice | postgres.PostgresError): Said {
  return { code, message, ...(detail ? { detail } : {}), ...(hint ? { hint } : {}) }
}
