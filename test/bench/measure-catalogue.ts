import type { Sql } from 'postgres'
import { connect, createDatabase } from '../database.ts'
import { ratioOf, shown, spreadOf } from './spread.ts'

const runs = 20
const groups = 50
const shardsPerTable = 1000
const tablesPerGroup = 2

// The limit is for the median, on an otherwise idle machine.
const queries = [
  { name: 'what a decision reads', query: `SELECT autoscaler.read_cluster('by_shard_count')`, milliseconds: 250 },
  { name: "the rule's settled", query: 'SELECT settled, reason, moves FROM autoscaler.settled', milliseconds: 100 },
  { name: "the rule's rebalance", query: 'SELECT stuck, cause FROM autoscaler.rebalance', milliseconds: 100 },
]

/**
 * Measures how long it takes to read a catalogue of 100,000 placements, on the stand-in and, if CITUS_DATABASE_URL is set, on that Citus.
 * The placements are inserted in a transaction that is rolled back. Fails when a limit is exceeded.
 */
export async function measureCatalogue(print: (line: string) => void): Promise<void> {
  const { sql, drop } = await createDatabase()
  try {
    await measureOn(sql, 'the stand-in', standInRows, print)
  } finally {
    await drop()
  }
  const { CITUS_DATABASE_URL: url } = process.env
  if (url === undefined) return
  const real = connect(url)
  try {
    const [row] = await real`SELECT to_regprocedure('autoscaler.version()') IS NOT NULL AS there`
    if (row?.there !== true) throw new Error('run sql/01-autoscaler.sql on the database of CITUS_DATABASE_URL first')
    await measureOn(real, 'the real Citus', citusRows, print)
  } finally {
    await real.end()
  }
}

async function measureOn(pool: Sql, where: string, rows: string, print: (line: string) => void): Promise<void> {
  const sql = await pool.reserve()
  try {
    await sql`BEGIN`
    await sql.unsafe(rows)
    const [{ count = 0 } = {}] = await sql<{ count?: number }[]>`SELECT count(*)::int AS count FROM pg_dist_placement`
    print(
      `A catalogue of ${count} placements on ${where}, median and quartiles of ${runs} runs; count(*) of them is the baseline:`,
    )
    const late: string[] = []
    for (const { name, query, milliseconds } of queries)
      for (const planned of [false, true]) {
        // with a recorded plan, there is no search for an empty worker
        await sql`DELETE FROM autoscaler.last_plan`
        if (planned) await sql`SELECT autoscaler.remember_plan('by_shard_count', 0, autoscaler.placements())`
        const measured: number[] = []
        const baseline: number[] = []
        for (let run = 0; run <= runs; run++) {
          baseline.push(await timed(sql, 'SELECT count(*) FROM pg_dist_placement'))
          measured.push(await timed(sql, query))
        }
        // the first run fills caches
        const spread = spreadOf(measured.slice(1))
        const how = planned ? 'plan known' : 'plan not known'
        print(
          `${name}, ${how}: ${shown(spread, 'ms', 1)}, ${ratioOf(measured.slice(1), baseline.slice(1))} the baseline`,
        )
        if (spread.median > milliseconds) late.push(`${name}, ${how}: over ${milliseconds} ms`)
      }
    if (late.length > 0) throw new Error(`too slow on ${where}: ${late.join('; ')}`)
  } finally {
    await sql`ROLLBACK`
    sql.release()
  }
}

async function timed(sql: Sql, query: string): Promise<number> {
  const start = performance.now()
  await sql.unsafe(query)
  return performance.now() - start
}

const total = groups * tablesPerGroup * shardsPerTable
const tables = `
  CREATE TABLE public.bench_real (tenant bigint PRIMARY KEY);
  SELECT create_distributed_table('public.bench_real', 'tenant', shard_count => 2, colocate_with => 'none');
  DO $$ BEGIN
    FOR i IN 1 .. ${groups * tablesPerGroup} LOOP EXECUTE format('CREATE TABLE public.bench_%s (tenant bigint)', i); END LOOP;
  END $$;
  INSERT INTO pg_dist_partition (logicalrelid, partmethod, partkey, colocationid, repmodel)
  SELECT format('public.bench_%s', i)::regclass, partmethod, partkey, 100000 + i / ${tablesPerGroup}, repmodel
  FROM pg_dist_partition, generate_series(1, ${groups * tablesPerGroup}) i WHERE logicalrelid = 'public.bench_real'::regclass;
  INSERT INTO pg_dist_shard (logicalrelid, shardid, shardstorage, shardminvalue, shardmaxvalue)
  SELECT format('public.bench_%s', 1 + i / ${shardsPerTable})::regclass, 10000000 + i, 't', i % ${shardsPerTable}, i % ${shardsPerTable}
  FROM generate_series(0, ${total - 1}) i;`
const workers = `(SELECT array_agg(groupid) AS groups FROM pg_dist_node WHERE groupid <> 0) w, generate_series(0, ${total - 1}) i`

const citusRows = `SET LOCAL citus.enable_ddl_propagation = off; ${tables}
  INSERT INTO pg_dist_placement (placementid, shardid, shardstate, shardlength, groupid)
  SELECT 10000000 + i, 10000000 + i, 1, 0, groups[1 + i % cardinality(groups)] FROM ${workers};
  ANALYZE pg_dist_shard; ANALYZE pg_dist_placement; ANALYZE pg_dist_partition`
const standInRows = `${tables}
  INSERT INTO citus_stand_in.placement (shardid, groupid) SELECT 10000000 + i, groups[1 + i % cardinality(groups)] FROM ${workers};
  ANALYZE pg_dist_shard; ANALYZE citus_stand_in.placement; ANALYZE pg_dist_partition`
