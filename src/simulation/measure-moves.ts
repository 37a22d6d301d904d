import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import postgres, { type Sql } from 'postgres'

/**
 * Measures on a real Citus what world-facts.ts says about moves: the duration of a rebalance by mode, gigabytes and number of executors, and
 * how long a write waits. It needs a dedicated cluster of two workers without distributed tables, and a superuser:
 *
 *     CITUS_DATABASE_URL=postgres://citus@127.0.0.1:9700/citus node src/simulation/measure-moves.ts --gigabytes 0.25,1,2
 *
 * It moves all shard groups to the first worker; then a rebalance moves half of them to the second. Prints a Markdown table, with the
 * fastest of several repetitions (`--repeat 3`), since other load on the machine only makes it slower.
 */
const { values: options } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '0.25' },
    shards: { type: 'string', default: '32' },
    repeat: { type: 'string', default: '1' },
  },
})
const [shards, repeat] = [Number(options.shards), Number(options.repeat)]
const url = process.env.CITUS_DATABASE_URL
if (!url) throw new Error('CITUS_DATABASE_URL is not set: it must be the coordinator of a dedicated Citus cluster')
const sql = postgres(url, { max: 1, onnotice: () => undefined })

type Way = { mode: 'block_writes' | 'force_logical'; executors: number; parallelTables: boolean }
const ways: readonly Way[] = [
  { mode: 'block_writes', executors: 1, parallelTables: false },
  { mode: 'block_writes', executors: 1, parallelTables: true },
  { mode: 'block_writes', executors: 4, parallelTables: false },
  { mode: 'block_writes', executors: 4, parallelTables: true },
  { mode: 'force_logical', executors: 1, parallelTables: false },
  { mode: 'force_logical', executors: 4, parallelTables: true },
]
/** Four tables in one colocation group, as in the blog (companies, campaigns, ads, clicks). */
const tables = ['moved_a', 'moved_b', 'moved_c', 'moved_d'] as const
const tenants = 2000

const [existing] = await sql`select logicalrelid::text as name from pg_dist_partition limit 1`
if (existing)
  throw new Error(`there is a distributed table already, ${String(existing.name)}: measure on an empty cluster`)
const workers = await sql<{ host: string; port: number }[]>`
  select nodename as host, nodeport as port from pg_dist_node where groupid <> 0 and noderole = 'primary' order by nodeid`
const [first, second] = workers
if (!first || !second || workers.length !== 2) throw new Error(`there are ${workers.length} workers: two are needed`)

try {
  const [about] = await sql<{ about: string }[]>`select citus_version() as about`
  console.log(
    `${about?.about ?? ''}; ${cpus().length} cores (${cpus()[0]?.model ?? ''}); ${new Date().toISOString().slice(0, 10)}\n`,
  )
  console.log(
    '| moved, GB | moves | mode | executors a node | tables in parallel | seconds | MB/s | longest wait of a write, s |',
  )
  console.log('| --: | --: | --- | --: | --- | --: | --: | --: |')
  for (const gigabytes of options.gigabytes.split(',').map(Number)) {
    await fill(gigabytes * 2)
    for (const way of ways) console.log(await fastest(way))
  }
} finally {
  await dropTables()
  await setExecutors(1)
  await sql.end()
}

async function dropTables() {
  await sql.unsafe(`drop table if exists ${tables.join(', ')}`)
}

/** Rows of a bit more than 400 bytes, with a primary key and one more index, spread evenly over tenants and tables. */
async function fill(gigabytes: number) {
  await dropTables()
  const rowsPerTenant = Math.ceil((gigabytes * 1e9) / tables.length / tenants / 480)
  for (const table of tables) {
    await sql.unsafe(
      `create table ${table} (tenant bigint, id bigint, changed timestamptz default now(), payload text, primary key (tenant, id))`,
    )
    await sql`select create_distributed_table(${table}, 'tenant', shard_count := ${shards})`
    await sql.unsafe(`create index on ${table} (changed)`)
    await sql.unsafe(
      `insert into ${table} (tenant, id, payload) select tenant, id, repeat(md5(tenant::text || id), 12)
       from generate_series(1, ${tenants}) tenant, generate_series(1, ${rowsPerTenant}) id`,
    )
  }
}

type Measured = { bytes: number; moves: number; seconds: number; longestWait: number }

async function fastest(way: Way): Promise<string> {
  const runs: Measured[] = []
  while (runs.length < repeat) runs.push(await measure(way))
  const [best] = runs.sort((a, b) => a.seconds - b.seconds)
  if (!best) throw new Error('--repeat has to be 1 at least')
  const { bytes, moves, seconds, longestWait } = best
  const { mode, executors, parallelTables } = way
  const [gigabytes, rate] = [bytes / 1e9, bytes / 1e6 / seconds].map((figure) => figure.toFixed(2))
  const times = [seconds.toFixed(1), rate, longestWait.toFixed(2)]
  return `| ${[gigabytes, moves, mode, executors, parallelTables ? 'yes' : 'no', ...times].join(' | ')} |`
}

async function measure({ mode, executors, parallelTables }: Way): Promise<Measured> {
  await moveAllToFirst()
  await setExecutors(executors)
  await sql`checkpoint`
  const { bytes, moves } = await whatMoves()
  const moved = await tenantsThatMove()
  const probe = startProbe(moved)
  const startedAt = performance.now()
  await sql`select citus_rebalance_start('by_shard_count', false, ${mode}, parallel_transfer_colocated_shards := ${parallelTables})`
  await jobEnds()
  const seconds = (performance.now() - startedAt) / 1000
  const longestWait = await probe.stop()
  const [left] =
    await sql`select 1 from get_rebalance_table_shards_plan(rebalance_strategy := 'by_shard_count') limit 1`
  if (left) throw new Error('the rebalance has left moves: see select * from pg_dist_background_task')
  return { bytes, moves, seconds, longestWait }
}

/** With `shouldhaveshards` off on the second worker, a rebalance drains it. */
async function moveAllToFirst() {
  if (!second) return
  await sql`select citus_set_node_property(${second.host}, ${second.port}, 'shouldhaveshards', false)`
  await sql`select citus_rebalance_start('by_shard_count', false, 'block_writes')`
  await sql`select citus_rebalance_wait()`
  await sql`select citus_set_node_property(${second.host}, ${second.port}, 'shouldhaveshards', true)`
  await sql`call citus_cleanup_orphaned_resources()`
}

/** Polls more often than citus_rebalance_wait, which does so once a second. */
async function jobEnds() {
  for (;;) {
    const [unfinished] =
      await sql`select 1 from pg_dist_background_job where state in ('scheduled', 'running', 'failing') limit 1`
    if (!unfinished) return
    await sleep(50)
  }
}

/** For by_shard_count, the plan has no sizes, and a row for each table. */
async function whatMoves(): Promise<{ bytes: number; moves: number }> {
  const [all] = await sql<{ bytes: number }[]>`
    select sum(shard_size)::float8 as bytes from citus_shards where table_name::text = any(${[...tables]})`
  const [plan] = await sql<{ moves: number }[]>`
    select count(*)::float8 as moves from get_rebalance_table_shards_plan(rebalance_strategy := 'by_shard_count')`
  const moves = (plan?.moves ?? 0) / tables.length
  return { bytes: ((all?.bytes ?? 0) * moves) / shards, moves }
}

async function setExecutors(executors: number) {
  await sql.unsafe(`alter system set citus.max_background_task_executors_per_node = ${executors}`)
  await sql.unsafe(`alter system set citus.max_background_task_executors = ${executors}`)
  await sql`select pg_reload_conf()`
  await sleep(1000)
}

async function tenantsThatMove(): Promise<number[]> {
  const rows = await sql<{ tenant: number }[]>`
    select min(tenant)::int as tenant from generate_series(1, ${tenants}::int) tenant
    where get_shard_id_for_distribution_column('moved_a', tenant) in
      (select shardid from get_rebalance_table_shards_plan(rebalance_strategy := 'by_shard_count'))
    group by get_shard_id_for_distribution_column('moved_a', tenant)`
  return rows.map(({ tenant }) => tenant).slice(0, 4)
}

/** Writes to some of the moving tenants, one write per tenant at a time, and keeps the duration of the slowest write. */
function startProbe(moved: readonly number[]) {
  const writer: Sql = postgres(url ?? '', { max: moved.length, onnotice: () => undefined })
  let isOver = false
  const longest = moved.map(async (tenant) => {
    let most = 0
    while (!isOver) {
      const startedAt = performance.now()
      await writer`update moved_a set changed = now() where tenant = ${tenant} and id = 1`
      most = Math.max(most, performance.now() - startedAt)
      await sleep(20)
    }
    return most / 1000
  })
  return {
    async stop() {
      isOver = true
      const waits = await Promise.all(longest)
      await writer.end()
      return Math.max(...waits)
    },
  }
}
