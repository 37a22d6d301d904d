import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { applySql, describeOnEachEngine, type Cluster } from './engines.ts'

type Read = { usefulWorkers: number; nodes: { isWorker: boolean; shardGroups: number }[]; settled: { reason: string } }

describeOnEachEngine('shard groups', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
    await applySql(cluster.url, '01-autoscaler.sql')
    await cluster.sql`SELECT cron.unschedule('autoscaler-plan')`
  })
  after(() => cluster.close())

  /** Reads the view, read_cluster and the rule's view, and checks that they agree. */
  async function answers() {
    const view = await cluster.sql<{ groups: number }[]>`
      SELECT shard_groups::int AS groups FROM autoscaler.workers WHERE is_worker ORDER BY node_id`
    const [row] = await cluster.sql<{ read: Read }[]>`SELECT autoscaler.read_cluster('by_shard_count') AS read`
    const { usefulWorkers, nodes = [], settled } = row?.read ?? {}
    const [rule] = await cluster.sql<{ reason: string }[]>`SELECT reason FROM autoscaler.settled`
    assert.equal(rule?.reason, settled?.reason)
    const read = nodes.filter(({ isWorker }) => isWorker).map(({ shardGroups }) => shardGroups)
    assert.deepEqual(
      view.map(({ groups }) => groups),
      read,
    )
    return { read, usefulWorkers, reason: settled?.reason }
  }

  const create = (name: string, how: string) =>
    cluster.sql.unsafe(`CREATE TABLE public.${name} (tenant bigint, data text);
      SELECT create_distributed_table('public.${name}', 'tenant', ${how})`)

  test('without tables there are no shard groups', async () => {
    assert.deepEqual(await answers(), { read: [0, 0], usefulWorkers: 0, reason: 'settled' })
  })

  test('each shard of a range-distributed table is a shard group', async () => {
    await create('probe_ranges', `'range'`)
    await cluster.sql`SELECT master_create_empty_shard('public.probe_ranges') FROM generate_series(1, 32)`
    assert.deepEqual(await answers(), { read: [16, 16], usefulWorkers: 32, reason: 'settled' })
    assert.equal((await cluster.sql`SELECT autoscaler.plan_rebalance('by_shard_count') AS moves`)[0]?.moves, 0)
    assert.equal((await answers()).reason, 'settled')
  })

  test('range-distributed tables are not colocated, and append-distributed tables count like them', async () => {
    await create('probe_more', `'range'`)
    await create('probe_log', `'append'`)
    await cluster.sql`SELECT master_create_empty_shard('public.probe_more') FROM generate_series(1, 4)`
    await cluster.sql`SELECT master_create_empty_shard('public.probe_log') FROM generate_series(1, 2)`
    const { read, usefulWorkers } = await answers()
    assert.equal(usefulWorkers, 38)
    assert.equal(
      read.reduce((sum, groups) => sum + groups, 0),
      38,
    )
    await cluster.sql`DROP TABLE public.probe_ranges, public.probe_more, public.probe_log`
  })

  test('colocated hash-distributed tables share shard groups; reference tables have none', async () => {
    await create('probe_events', `'hash', colocate_with => 'none', shard_count => 8`)
    await create('probe_details', `'hash', colocate_with => 'public.probe_events'`)
    await create('probe_others', `'hash', colocate_with => 'none', shard_count => 4`)
    await cluster.sql`CREATE TABLE public.probe_countries (id bigint PRIMARY KEY)`
    await cluster.sql`SELECT create_reference_table('public.probe_countries')`
    assert.deepEqual(await answers(), { read: [6, 6], usefulWorkers: 12, reason: 'settled' })
    const [shards] = await cluster.sql`SELECT sum(shards)::int AS shards FROM autoscaler.workers`
    assert.deepEqual({ ...shards }, { shards: 20 })
  })

  // A query to a dead worker would fail or take long.
  test('no view and no decision queries the workers', async () => {
    const calls = [
      ...(await cluster.sql<{ call: string }[]>`
        SELECT 'SELECT * FROM ' || oid::regclass AS call FROM pg_class
        WHERE relnamespace = 'autoscaler'::regnamespace AND relkind = 'v'`),
      { call: `SELECT autoscaler.read_cluster('by_shard_count')` },
      { call: 'SELECT autoscaler.read_preflight()' },
      { call: 'SELECT autoscaler.recent_history(20)' },
      { call: `SELECT autoscaler.plan_rebalance('by_shard_count')` },
    ]
    assert.ok(calls.length > 10)
    const bySize = await cluster.sql<{ name: string }[]>`
      SELECT proname AS name FROM pg_proc
      WHERE pronamespace = 'autoscaler'::regnamespace AND prosrc ~ 'citus_shards|_size|run_command|disk' ORDER BY 1`
    // cause_of only matches error texts; read_disks is called next to the start of a rebalance, with its own time limit
    assert.deepEqual(
      bySize.map(({ name }) => name),
      ['cause_of', 'read_disks', 'worker_sizes'],
    )
    const sql = await cluster.sql.reserve()
    const measured = async () =>
      (await sql<{ known: boolean }[]>`SELECT bytes IS NOT NULL AS known FROM autoscaler.worker_sizes()`).map(
        ({ known }) => known,
      )
    assert.deepEqual(await measured(), [true, true])
    try {
      await sql`BEGIN`
      await sql`UPDATE pg_dist_node SET nodeport = nodeid WHERE groupid <> 0`
      for (const { call } of calls) {
        // only the workers know the tenants
        if (call.includes('tenants')) continue
        await sql.unsafe(call)
      }
      if (!cluster.isReal) return
      // worker_sizes queries the workers, and shows that they were out of reach
      await sql`SET LOCAL client_min_messages = error`
      assert.deepEqual(await measured(), [false, false])
    } finally {
      await sql`ROLLBACK`
      sql.release()
    }
  })
})
