import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../until.ts'
import { applySql, describeOnEachEngine, type Address, type Cluster } from './engines.ts'

describeOnEachEngine('01-autoscaler.sql', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
    await applySql(cluster.url, '01-autoscaler.sql')
  })
  after(() => cluster.close())

  async function column<T>(statement: string): Promise<T[]> {
    const rows = await cluster.sql.unsafe<Record<string, T>[]>(statement)
    return rows.flatMap((row) => Object.values(row))
  }

  async function lastWorker(): Promise<Address> {
    const [worker] = await cluster.sql<[Address]>`
      SELECT nodename AS host, nodeport AS port FROM pg_dist_node WHERE groupid <> 0 ORDER BY nodeid DESC LIMIT 1`
    return worker
  }

  async function allowShards({ host, port }: Address, allowed: boolean): Promise<void> {
    await cluster.sql`SELECT citus_set_node_property(${host}, ${port}, 'shouldhaveshards', ${allowed})`
  }

  const rebalance = () => column<string | null>(`SELECT citus_rebalance_start('by_shard_count', false, 'block_writes')`)

  test('can be applied again, and says nothing', async () => {
    assert.deepEqual(await applySql(cluster.url, '01-autoscaler.sql'), [])
    const jobs = await column<string>(`SELECT jobname || ' ' || schedule FROM cron.job ORDER BY jobid`)
    assert.deepEqual(jobs, [
      'worker-count 5 seconds',
      'worker-count-retention 17 3 * * *',
      'worker-count-log-retention 7 * * * *',
    ])
  })

  test('pg_cron records the number of workers, and notices one that comes', async (t) => {
    const { sql, spare } = cluster
    const newest = async () => (await column<string>('SELECT count FROM worker_count ORDER BY id DESC LIMIT 1'))[0]
    await until('two workers are recorded', async () => (await newest()) === '2')
    assert.deepEqual(await column('SELECT autoscaler.count_workers()'), ['2'])
    assert.ok(Number((await column('SELECT autoscaler.worker_count_age()'))[0]) < 60)
    if (!spare) return t.skip('CITUS_WORKER_POOL names no server that could be added')

    await sql`SELECT citus_add_node(${spare.host}, ${spare.port})`
    await until('three workers are recorded', async () => (await newest()) === '3')
    const [change] = await sql`SELECT * FROM autoscaler.worker_change(now() - interval '5 minutes')`
    assert.deepEqual({ ...change }, { workers: 3, before: 2, change: 1 })
    await sql`SELECT citus_remove_node(${spare.host}, ${spare.port})`
  })

  test('a worker counts while it is active and may hold shards, the coordinator only if it may hold some', async () => {
    const count = () => column<string>('SELECT autoscaler.count_workers()')
    const worker = await lastWorker()
    await allowShards(worker, false)
    assert.deepEqual(await count(), ['1'])
    await allowShards(worker, true)
    const [coordinator] = await cluster.sql<[Address]>`
      SELECT nodename AS host, nodeport AS port FROM pg_dist_node WHERE groupid = 0`
    await allowShards(coordinator, true)
    assert.deepEqual(await count(), ['3'])
    await allowShards(coordinator, false)
    assert.deepEqual(await count(), ['2'])
  })

  test('a change within the window is reported with its direction, and an empty window has no row', async () => {
    const { sql } = cluster
    const year = (interval: string) => `now() - interval '${interval}'`
    await sql.unsafe(`INSERT INTO worker_count (created_at, count) VALUES
      (${year('300 days')}, 4), (${year('299 days')}, 4), (${year('298 days')}, 2), (${year('297 days')}, 3)`)
    const changes = await sql.unsafe(`
      SELECT round(extract(epoch FROM now() - changed_at) / 86400)::int AS days, before, workers
      FROM autoscaler.worker_changes(${year('299 days')}, ${year('290 days')})`)
    assert.deepEqual(
      changes.map((change) => ({ ...change })),
      [
        { days: 298, before: 4, workers: 2 },
        { days: 297, before: 2, workers: 3 },
      ],
    )
    // the value before the window counts as well
    const border = await sql.unsafe(
      `SELECT FROM autoscaler.worker_changes(${year('298 days 1 hour')}, ${year('297 days 1 hour')})`,
    )
    assert.equal(border.length, 1)
    assert.equal((await sql.unsafe(`SELECT FROM autoscaler.worker_change(now() + interval '1 day')`)).length, 0)
  })

  test('retention keeps a month of numbers and a day of the log', async () => {
    const { sql } = cluster
    await sql`INSERT INTO worker_count (created_at, count) VALUES (now() - interval '32 days', 77), (now() - interval '30 days', 78)`
    await sql`
      INSERT INTO cron.job_run_details (jobid, username, start_time, command)
      SELECT jobid, username, now() - days * interval '1 day', 'kept ' || days FROM cron.job, unnest(ARRAY[0.9, 1.1]) days
      WHERE jobname = 'worker-count'`
    await sql`INSERT INTO cron.job_run_details (jobid, username, start_time, command)
      VALUES (-1, current_user, now() - interval '9 days', 'kept, for it is another job''s')`
    for (const command of await column<string>(`SELECT command FROM cron.job WHERE jobname LIKE '%retention'`)) {
      await sql.unsafe(command)
    }
    assert.deepEqual(await column('SELECT count FROM worker_count WHERE count > 70'), ['78'])
    const kept = await column(
      `SELECT command FROM cron.job_run_details WHERE command LIKE 'kept%' ORDER BY command COLLATE "C"`,
    )
    assert.deepEqual(kept, ['kept 0.9', "kept, for it is another job's"])
    await sql`DELETE FROM cron.job_run_details WHERE command LIKE 'kept%'`
  })

  test('workers, those without shards, and a rebalance that gets stuck and recovers', async () => {
    const { sql } = cluster
    const empty = () => column<string>('SELECT node FROM autoscaler.workers_without_shards')
    const worker = await lastWorker()
    const name = `${worker.host}:${worker.port}`

    assert.deepEqual(await empty(), [], 'without tables there is nothing that it could hold')
    await allowShards(worker, false)
    await sql`CREATE TABLE public.probe_countries (id bigint PRIMARY KEY)`
    await sql`CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY, data text)`
    await sql`SELECT create_reference_table('public.probe_countries')`
    await sql`SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4, colocate_with => 'none')`
    await sql`INSERT INTO public.probe_events SELECT i, repeat('x', 100) FROM generate_series(1, 100) i`
    assert.deepEqual(await empty(), [], 'it may hold none')
    await allowShards(worker, true)
    assert.deepEqual(await empty(), [name], 'a copy of a reference table is no shard')

    const before = await sql`
      SELECT node = ${name} AS empty, active, should_have_shards, shard_groups, shards, bytes::bigint > 0 AS has_data
      FROM autoscaler.workers ORDER BY shards DESC`
    assert.deepEqual(
      before.map((row) => ({ ...row })),
      [
        { empty: false, active: true, should_have_shards: true, shard_groups: '4', shards: '4', has_data: true },
        { empty: true, active: true, should_have_shards: true, shard_groups: '0', shards: '0', has_data: false },
      ],
    )

    await cluster.breakMovesTo(worker)
    try {
      await rebalance()
      const stuck = await until('the rebalance is stuck', async () => {
        const [status] = await sql`SELECT *, next_try_at > started_at AS later FROM autoscaler.rebalance WHERE stuck`
        return status
      })
      assert.equal(stuck.state, 'running')
      assert.equal(stuck.tasks_done, '0')
      assert.equal(stuck.tasks_total, '2')
      assert.match(String(stuck.error), /^ERROR: cannot execute DROP TABLE in a read-only transaction/)
      assert.ok(Number(stuck.retries) >= 1)
      assert.equal(stuck.later, true)
      const tasks = await sql`SELECT status, retries > 0 AS failed FROM autoscaler.rebalance_tasks ORDER BY task_id`
      assert.deepEqual(
        tasks.map((row) => ({ ...row })),
        [
          { status: 'runnable', failed: true },
          { status: 'blocked', failed: false },
        ],
      )
    } finally {
      await cluster.repairMovesTo(worker)
    }

    assert.equal(await cluster.rebalanceEnd(), 'finished')
    const [over] =
      await sql`SELECT state, tasks_done, stuck, error, finished_at IS NOT NULL AS over FROM autoscaler.rebalance`
    assert.deepEqual({ ...over }, { state: 'finished', tasks_done: '2', stuck: false, error: null, over: true })
    assert.deepEqual(await empty(), [])
    assert.deepEqual(await column('SELECT shard_groups FROM autoscaler.workers'), ['2', '2'])
    const ran = await sql`
      SELECT state FROM autoscaler.rebalances(now() - interval '2 days', now() + interval '2 days') ORDER BY job_id DESC LIMIT 1`
    assert.deepEqual(
      ran.map((row) => ({ ...row })),
      [{ state: 'finished' }],
    )
    assert.deepEqual(await rebalance(), [null], 'nothing is left to move')
  })

  test('no more shard groups than workers that hold some: an empty worker is not listed', async () => {
    const { sql } = cluster
    const worker = await lastWorker()
    await sql`DROP TABLE public.probe_events`
    await allowShards(worker, false)
    await sql`CREATE TABLE public.probe_few (tenant bigint PRIMARY KEY)`
    await sql`SELECT create_distributed_table('public.probe_few', 'tenant', shard_count => 1, colocate_with => 'none')`
    await allowShards(worker, true)
    assert.deepEqual(await column('SELECT node FROM autoscaler.workers_without_shards'), [])
  })
})
