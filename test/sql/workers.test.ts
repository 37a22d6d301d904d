import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../until.ts'
import { allowShards, applySql, describeOnEachEngine, lastWorker, type Address, type Cluster } from './engines.ts'

describeOnEachEngine('workers, settled and stuck', (open) => {
  let cluster: Cluster
  let worker: Address
  before(async () => {
    cluster = await open()
    await applySql(cluster.url, '01-autoscaler.sql')
    // Otherwise cron would make plans known where the test expects none.
    await cluster.sql`SELECT cron.unschedule('autoscaler-plan')`
    worker = await lastWorker(cluster.sql)
  })
  after(() => cluster.close())

  async function look(strategy = 'by_shard_count') {
    const [row] = await cluster.sql`SELECT reason, moves, known, message FROM autoscaler.settled_for(${strategy})`
    return { ...row }
  }
  const settled = { reason: 'settled', moves: null, known: false }
  const unknown = { ...settled, message: 'no worker is empty; what Citus plans is not known' }
  const planned = { ...settled, moves: 0, known: true, message: 'Citus plans no move' }

  async function plan(): Promise<number | null> {
    const [row] = await cluster.sql<
      { moves: number | null }[]
    >`SELECT autoscaler.plan_rebalance('by_shard_count') AS moves`
    return row?.moves ?? null
  }

  async function start(): Promise<Record<string, unknown>> {
    const [row] = await cluster.sql<{ start: Record<string, unknown> }[]>`
      SELECT autoscaler.start_rebalance('by_shard_count', 'block_writes', interval '11 seconds') AS start`
    return row?.start ?? {}
  }

  test('a worker is empty if it may hold shards and a rebalance could move some to it', async () => {
    const { sql } = cluster
    assert.deepEqual(await look(), unknown, 'there are no tables')
    await allowShards(sql, worker, false)
    await sql`CREATE TABLE public.probe_countries (id bigint PRIMARY KEY)`
    await sql`CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY, data text)`
    await sql`SELECT create_reference_table('public.probe_countries')`
    await sql`SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4, colocate_with => 'none')`
    await sql`INSERT INTO public.probe_events SELECT i, repeat('x', 100) FROM generate_series(1, 100) i`
    assert.deepEqual(await look(), unknown, 'the worker may hold no shards')
    await allowShards(sql, worker, true)
    assert.deepEqual(await look(), {
      reason: 'empty-worker',
      moves: null,
      known: false,
      message: `no shards yet on ${worker.host}:${worker.port}, and what Citus plans is not known`,
    })

    const workers = await sql`
      SELECT node = ${`${worker.host}:${worker.port}`} AS empty, is_worker, active, should_have_shards, shard_groups, shards,
        coalesce(bytes > 0, false) AS has_data
      FROM autoscaler.workers LEFT JOIN autoscaler.worker_sizes() USING (node) ORDER BY shards DESC`
    const both = { is_worker: true, active: true, should_have_shards: true }
    assert.deepEqual(
      workers.map((row) => ({ ...row })),
      [
        { ...both, empty: false, shard_groups: '4', shards: '4', has_data: true },
        { ...both, empty: true, shard_groups: '0', shards: '0', has_data: false },
      ],
    )
  })

  test('a plan is remembered for its strategy until nodes or placements change, for an hour at most', async () => {
    const { sql } = cluster
    assert.equal(await plan(), 2)
    assert.deepEqual(await look(), {
      reason: 'moves',
      moves: 2,
      known: true,
      message: "Citus's plan has 2 moves",
    })
    const [rules] = await sql`SELECT settled, reason, moves, known, strategy FROM autoscaler.settled`
    assert.deepEqual(
      { ...rules },
      { settled: false, reason: 'moves', moves: 2, known: true, strategy: 'by_shard_count' },
    )
    assert.equal((await look('by_disk_size')).known, false, 'the plan is of another strategy')
    await sql`UPDATE autoscaler.last_plan SET planned_at = planned_at - interval '61 minutes'`
    assert.equal((await look()).known, false, 'the plan is over an hour old')
    assert.equal(await plan(), 2)
    await allowShards(sql, worker, false)
    assert.equal((await look()).known, false, 'the nodes have changed')
    assert.equal(await plan(), 0, 'a worker out of service is not drained')
    assert.deepEqual(await look(), planned)
    await allowShards(sql, worker, true)
    assert.equal((await look()).reason, 'empty-worker')
  })

  test('while one session plans, another does not, and no start begins', async () => {
    const other = await cluster.sql.reserve()
    await other`BEGIN`
    await other`SELECT pg_advisory_xact_lock(autoscaler.lock_key('plan'))`
    assert.equal(await plan(), null)
    await other`ROLLBACK`
    await other`BEGIN`
    await other`SELECT pg_advisory_xact_lock(autoscaler.lock_key('rebalance'))`
    assert.equal((await look()).reason, 'starting')
    assert.deepEqual(await start(), { kind: 'starting' })
    await other`ROLLBACK`
    other.release()
    assert.equal((await look()).reason, 'empty-worker')
  })

  test('a rebalance whose moves fail is stuck, and finishes after the repair', async () => {
    const { sql } = cluster
    await cluster.breakMovesTo(worker)
    let job
    try {
      const started = await start()
      job = started.job
      assert.deepEqual(started, { kind: 'started', job, moves: 2 })
      assert.deepEqual(await start(), { kind: 'running', job })
      assert.deepEqual(await look(), {
        reason: 'running',
        moves: null,
        known: false,
        message: `rebalance job ${String(job)} is unfinished`,
      })
      const stuck = await until('the rebalance is stuck', async () => {
        const [status] = await sql`
          SELECT state, unfinished, tasks_done, tasks_total, stuck, next_try_at > started_at AS later, waiting_for, error, retries
          FROM autoscaler.rebalance WHERE cause = 'retrying'`
        return status
      })
      const { error, retries, ...rest } = { error: undefined, retries: undefined, ...stuck }
      assert.deepEqual(rest, {
        state: 'running',
        unfinished: true,
        tasks_done: '0',
        tasks_total: '2',
        stuck: true,
        later: true,
        waiting_for: null,
      })
      assert.match(String(error), /^ERROR: cannot execute DROP TABLE in a read-only transaction/)
      assert.ok(Number(retries) >= 1)
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
    const [over] = await sql`
      SELECT state, unfinished, tasks_done, stuck, cause, error, finished_at IS NOT NULL AS over FROM autoscaler.rebalance`
    assert.deepEqual(
      { ...over },
      { state: 'finished', unfinished: false, tasks_done: '2', stuck: false, cause: null, error: null, over: true },
    )
    const groups = await sql`SELECT shard_groups FROM autoscaler.workers`
    assert.deepEqual(
      groups.map((row) => ({ ...row })),
      [{ shard_groups: '2' }, { shard_groups: '2' }],
    )
    const [ran] = await sql`
      SELECT job_id, state FROM autoscaler.rebalances(now() - interval '2 days', now() + interval '2 days') ORDER BY job_id DESC LIMIT 1`
    assert.deepEqual({ ...ran }, { job_id: String(job), state: 'finished' })
    assert.deepEqual(await start(), { kind: 'balanced' })
    assert.deepEqual(await look(), planned, 'a start with nothing to move saves the plan')
  })

  test('after a person stops a rebalance, refresh_plan finds its moves', async () => {
    const { sql } = cluster
    await sql`DROP TABLE public.probe_events`
    await allowShards(sql, worker, false)
    await sql`CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY)`
    await sql`SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4, colocate_with => 'none')`
    await allowShards(sql, worker, true)
    await cluster.breakMovesTo(worker)
    await start()
    await sql`SELECT citus_rebalance_stop()`
    assert.equal(await cluster.rebalanceEnd(), 'cancelled')
    await cluster.repairMovesTo(worker)
    await sql`SELECT autoscaler.refresh_plan()`
    assert.deepEqual(await look(), { reason: 'moves', moves: 2, known: true, message: "Citus's plan has 2 moves" })
  })

  test('with no more shard groups than workers with shards, an empty worker is not named', async () => {
    const { sql } = cluster
    await sql`DROP TABLE public.probe_events`
    await allowShards(sql, worker, false)
    await sql`CREATE TABLE public.probe_few (tenant bigint PRIMARY KEY)`
    await sql`SELECT create_distributed_table('public.probe_few', 'tenant', shard_count => 1, colocate_with => 'none')`
    await allowShards(sql, worker, true)
    assert.deepEqual(await look(), unknown)
  })
})
