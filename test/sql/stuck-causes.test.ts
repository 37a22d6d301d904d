import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { connect } from '../database.ts'
import { until } from '../until.ts'
import { allowShards, applySql, describeOnEachEngine, lastWorker, type Address, type Cluster } from './engines.ts'

type Undo = () => Promise<unknown>
type Case = {
  title: string
  cause: string
  /** Causes the failure on a real Citus, and resolves with a function that ends it. The stand-in fails every move with `error`. */
  make: (cluster: Cluster, workers: { first: Address; last: Address }) => Promise<Undo>
  error: string
}

/** A connection to this worker. */
function connectToWorker({ url }: Cluster, { host, port }: Address, database?: string) {
  const address = Object.assign(new URL(url), { hostname: host, port: String(port) })
  if (database) address.pathname = `/${database}`
  return connect(address.href, { max: 1 })
}

/** Refuses new connections to the worker's database, as if the server was down. A move needs a new connection. */
async function refuseConnections(cluster: Cluster, worker: Address): Promise<Undo> {
  const name = new URL(cluster.url).pathname.slice(1)
  const sql = connectToWorker(cluster, worker, 'postgres')
  await sql.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
  return async () => {
    await sql.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
    await sql.end()
  }
}

async function requireFreeDisk({ sql }: Cluster): Promise<Undo> {
  const setting = 'citus.desired_percent_disk_available_after_move'
  await sql.unsafe(`ALTER SYSTEM SET ${setting} = 100`)
  await sql`SELECT pg_reload_conf()`
  return async () => {
    await sql.unsafe(`ALTER SYSTEM RESET ${setting}`)
    await sql`SELECT pg_reload_conf()`
  }
}

/** Moves all shards off the first worker while a reader there prevents that the old ones are dropped. */
async function leaveOrphans(cluster: Cluster, { first, last }: { first: Address; last: Address }): Promise<Undo> {
  const { sql } = cluster
  const shards = await sql<{ id: string }[]>`SELECT shardid AS id FROM pg_dist_shard ORDER BY 1`
  const reader = connectToWorker(cluster, first)
  const held = await reader.reserve()
  await held`BEGIN`
  for (const { id } of shards) await held.unsafe(`SELECT FROM public.probe_events_${id}`)
  for (const { id } of shards)
    await sql`SELECT citus_move_shard_placement(${id}, ${first.host}, ${first.port}, ${last.host}, ${last.port}, 'block_writes')`
  return async () => {
    await held`ROLLBACK`
    held.release()
    await reader.end()
  }
}

const cases: Case[] = [
  {
    title: 'the target would be too full',
    cause: 'disk',
    make: requireFreeDisk,
    error:
      'ERROR: not enough empty space on node if the shard is moved, actual available space after move will be 1 bytes',
  },
  {
    title: 'orphans of earlier moves could not be dropped',
    cause: 'leftovers',
    make: leaveOrphans,
    error:
      'ERROR: shard move failed as the orphaned shard public.probe_events_102008 leftover from the previous move could not be cleaned up',
  },
  {
    title: 'the target is down',
    cause: 'worker-down',
    make: (cluster, { last }) => refuseConnections(cluster, last),
    error: 'ERROR: Could not fetch disk stats for node: 127.0.0.1-9702',
  },
  {
    title: 'the source is down',
    cause: 'worker-down',
    make: (cluster, { first }) => refuseConnections(cluster, first),
    error: 'ERROR: cannot get the size because of a connection error',
  },
  {
    title: 'a worker refuses to write',
    cause: 'retrying',
    make: async (cluster, { last }) => {
      await cluster.breakMovesTo(last)
      return () => cluster.repairMovesTo(last)
    },
    error: 'ERROR: cannot execute DROP TABLE in a read-only transaction',
  },
]

describeOnEachEngine('why a rebalance is stuck', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
    await applySql(cluster.url, '01-autoscaler.sql')
    await cluster.sql`SELECT cron.unschedule('autoscaler-plan')`
  })
  after(() => cluster.close())

  for (const { title, cause, make, error } of cases)
    test(`${cause}: ${title}`, async () => {
      const { sql, isReal } = cluster
      const last = await lastWorker(sql)
      const [first] = await sql<[Address]>`
        SELECT nodename AS host, nodeport AS port FROM pg_dist_node WHERE groupid <> 0 ORDER BY nodeid LIMIT 1`
      await sql`DROP TABLE IF EXISTS public.probe_events`
      await allowShards(sql, last, false)
      await sql`CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY)`
      await sql`SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4, colocate_with => 'none')`
      await allowShards(sql, last, true)
      if (!isReal) await sql`SELECT citus_stand_in.break_moves(${error})`
      const undo = isReal ? await make(cluster, { first, last }) : () => sql`SELECT citus_stand_in.repair_moves()`
      try {
        const [row] = await sql<[{ start: { kind: string } }]>`
          SELECT autoscaler.start_rebalance('by_shard_count', 'block_writes', interval '11 seconds') AS start`
        assert.equal(row.start.kind, 'started')
        const stuck = await until('a move has failed', async () => {
          const [found] = await sql<{ cause: string; stuck: boolean; error: string; next: Date | null }[]>`
            SELECT cause, stuck, error, next_try_at AS next FROM autoscaler.rebalance WHERE retries > 0`
          return found
        })
        assert.deepEqual([stuck.cause, stuck.stuck], [cause, true], stuck.error)
        assert.ok(stuck.error.startsWith('ERROR: ') && stuck.next, stuck.error)
      } finally {
        await undo()
      }
      await sql`SELECT citus_rebalance_stop()`
      assert.equal(await cluster.rebalanceEnd(), 'cancelled')
      if (isReal) await sql`CALL citus_cleanup_orphaned_resources()`
    })

  test('each cause has a row in the runbook', async () => {
    const runbook = await readFile(new URL('../../grafana/RUNBOOK.md', import.meta.url), 'utf8')
    const [defined] = await cluster.sql<[{ text: string }]>`
      SELECT prosrc || pg_get_viewdef('autoscaler.rebalance'::regclass) AS text FROM pg_proc
      WHERE oid = 'autoscaler.cause_of(text)'::regprocedure`
    const words = new Set([...defined.text.matchAll(/(?:THEN|ELSE) '([a-z-]+)'/g)].map(([, word]) => word ?? ''))
    assert.deepEqual([...words].sort(), ['disk', 'leftovers', 'lock', 'no-worker-process', 'retrying', 'worker-down'])
    for (const word of words) assert.match(runbook, new RegExp(`^\\| \`${word}\` +\\|`, 'm'))
  })
})
