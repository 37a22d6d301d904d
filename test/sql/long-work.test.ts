import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Sql } from 'postgres'
import { connect } from '../database.ts'
import { until } from '../until.ts'
import { allowShards, applySql, describeOnEachEngine, lastWorker, type Cluster } from './engines.ts'

type Read = {
  settled: { reason: string }
  isAddingWorkers: boolean
  rebalance: { job: number; stuck: boolean; cause: string | null } | null
  failedStarts: Partial<Record<'rebalance' | 'add-worker', { error: string; failures: number }>>
}

// The cost function of this strategy locks `probe_gate`, so planning waits while a test holds that table. Its text decides whether the
// function returns a cost or fails.
const strategy = `
  CREATE TABLE public.probe_gate (opens text NOT NULL);
  INSERT INTO public.probe_gate VALUES ('well');
  CREATE FUNCTION public.probe_cost(shardid bigint) RETURNS real LANGUAGE plpgsql AS $$
  BEGIN
    LOCK TABLE public.probe_gate IN ACCESS SHARE MODE;
    IF (SELECT opens FROM public.probe_gate) <> 'well' THEN
      RAISE EXCEPTION 'the cost of a shard is not known' USING ERRCODE = '22000';
    END IF;
    RETURN 1;
  END $$;
  INSERT INTO pg_dist_rebalance_strategy (name, default_strategy, shard_cost_function, node_capacity_function,
    shard_allowed_on_node_function, default_threshold, minimum_threshold, improvement_threshold)
  SELECT 'probe_gated', false, 'public.probe_cost', node_capacity_function, shard_allowed_on_node_function, 0, 0, 0
  FROM pg_dist_rebalance_strategy WHERE name = 'by_shard_count'`

describeOnEachEngine('long work', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
    const { sql, url } = cluster
    await applySql(url, '01-autoscaler.sql')
    await sql`SELECT cron.unschedule('autoscaler-plan')`
    const last = await lastWorker(sql)
    await allowShards(sql, last, false)
    await sql`CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY)`
    await sql`SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4, colocate_with => 'none')`
    await allowShards(sql, last, true)
    await sql.unsafe(strategy)
  })
  after(async () => {
    await cluster.sql.unsafe(`DELETE FROM pg_dist_rebalance_strategy WHERE name = 'probe_gated';
      DROP FUNCTION public.probe_cost; DROP TABLE public.probe_gate`)
    await cluster.close()
  })

  /** Puts all shard groups on the first worker, so that there is something to move. */
  async function unbalance() {
    const { sql } = cluster
    const last = await lastWorker(sql)
    await sql`DROP TABLE public.probe_events`
    await allowShards(sql, last, false)
    await sql`CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY)`
    await sql`SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4, colocate_with => 'none')`
    await allowShards(sql, last, true)
  }
  async function read(): Promise<Read> {
    const [row] = await cluster.sql<{ read: Read }[]>`SELECT autoscaler.read_cluster('probe_gated') AS read`
    if (!row) throw new Error('autoscaler.read_cluster gave no row')
    return row.read
  }
  const jobs = async () => (await cluster.sql`SELECT FROM pg_dist_background_job`).length
  const start = async (sql: Sql, milliseconds = 11_000) => {
    const [row] = await sql<{ start: Record<string, unknown> }[]>`
      SELECT autoscaler.start_rebalance('probe_gated', 'block_writes', make_interval(secs => ${milliseconds / 1000})) AS start`
    return row?.start
  }

  /** Runs `meanwhile` while the statement waits for a lock of another session, and then returns the statement's result. */
  async function whileItHangs<T>(lock: string, statement: (sql: Sql) => Promise<T>, meanwhile: () => Promise<void>) {
    const holder = await cluster.sql.reserve()
    const apart = connect(cluster.url, { max: 1 })
    try {
      await holder`BEGIN`
      await holder.unsafe(lock)
      const [session] = await apart<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`
      const hanging = statement(apart)
      hanging.catch(() => undefined) // it is awaited below
      await until('the statement waits', async () => {
        const [row] = await cluster.sql`SELECT cardinality(pg_blocking_pids(${session.pid})) > 0 AS waits`
        return row?.waits === true
      })
      await meanwhile()
      await holder`COMMIT`
      return await hanging
    } finally {
      await holder`ROLLBACK`
      holder.release()
      await apart.end()
    }
  }
  const gate = 'LOCK TABLE public.probe_gate IN ACCESS EXCLUSIVE MODE'

  test('while a rebalance is being planned every start answers starting, and one job is made', async () => {
    const before = await jobs()
    const started = await whileItHangs(gate, start, async () => {
      assert.equal((await read()).settled.reason, 'starting')
      for (let again = 0; again < 10; again++) assert.deepEqual(await start(cluster.sql), { kind: 'starting' })
      assert.equal(await jobs(), before)
    })
    assert.equal(started?.kind, 'started')
    assert.equal(await jobs(), before + 1)
    assert.equal(await cluster.rebalanceEnd(), 'finished')
    assert.deepEqual((await read()).failedStarts, {})
  })

  test('a start that fails after the answer is kept until one succeeds; one that fails before it is only thrown', async () => {
    const { sql } = cluster
    await unbalance()
    const refusing = `${gate}; UPDATE public.probe_gate SET opens = 'badly'`
    const failed = { kind: 'failed', code: '22000', message: 'the cost of a shard is not known' }
    const late = await whileItHangs(
      refusing,
      (apart) => start(apart, 0),
      () => Promise.resolve(),
    )
    assert.deepEqual(late, failed)
    // A decision that was read just before the failure was recorded does not start it again.
    assert.deepEqual(await start(sql, 0), { kind: 'starting' })
    const aMinuteLater = () => sql`UPDATE autoscaler.last_start SET ended_at = ended_at - interval '1 minute'`
    await aMinuteLater()
    assert.deepEqual(await start(sql, 0), failed)
    const { rebalance: kept } = (await read()).failedStarts
    assert.deepEqual([kept?.error, kept?.failures], ['SQLSTATE 22000: the cost of a shard is not known', 2])
    await aMinuteLater()
    await assert.rejects(start(sql), { code: '22000', message: 'the cost of a shard is not known' })
    assert.equal((await read()).failedStarts.rebalance?.failures, 2)
    await sql`UPDATE public.probe_gate SET opens = 'well'`
    assert.equal((await start(sql))?.kind, 'started')
    assert.deepEqual((await read()).failedStarts, {})
    assert.equal(await cluster.rebalanceEnd(), 'finished')
  })

  test('a job that no process runs is stuck with a cause after 15 s', async () => {
    const { sql } = cluster
    await unbalance()
    await cluster.allowTasks(false)
    try {
      // Citus's daemon needs some seconds to notice a new job: up to 15 s after a start it is not stuck.
      assert.equal((await start(sql))?.kind, 'started')
      const { rebalance: fresh } = await read()
      assert.deepEqual([fresh?.stuck, fresh?.cause], [false, null])
      await sql`UPDATE autoscaler.last_start SET ended_at = ended_at - interval '16 seconds'`
      const { rebalance } = await read()
      assert.deepEqual([rebalance?.stuck, rebalance?.cause], [true, 'no-worker-process'])
      const [row] = await sql`SELECT state, stuck, cause, error FROM autoscaler.rebalance`
      assert.deepEqual({ ...row }, { state: 'scheduled', stuck: true, cause: 'no-worker-process', error: null })
    } finally {
      await cluster.allowTasks(true)
    }
    assert.equal(await cluster.rebalanceEnd(), 'finished')
    assert.equal((await read()).rebalance?.stuck, false)
  })

  test('while a server is being added every other request answers busy, and it is added once', async (t) => {
    const { spare, sql } = cluster
    if (!spare) return t.skip('CITUS_WORKER_POOL names no server that could be added')
    const add = async (by: Sql) => {
      const [row] = await by<{ added: object }[]>`
        SELECT autoscaler.add_worker(${spare.host}, ${spare.port}, 2, interval '9 seconds') AS added`
      return row?.added
    }
    const added = await whileItHangs('LOCK TABLE pg_dist_node IN EXCLUSIVE MODE', add, async () => {
      assert.equal((await read()).isAddingWorkers, true)
      for (let again = 0; again < 10; again++) assert.deepEqual(await add(sql), { kind: 'busy' })
    })
    assert.deepEqual(added, { kind: 'added' })
    assert.equal((await read()).isAddingWorkers, false)
    assert.deepEqual(await add(sql), { kind: 'busy' }, 'there are three workers now')
    assert.equal((await sql`SELECT autoscaler.count_workers() AS workers`)[0]?.workers, '3')
    await sql`SELECT citus_remove_node(${spare.host}, ${spare.port})`
  })

  test('a server that the coordinator cannot reach after the answer: the error is kept, and only other servers are tried', async () => {
    const { sql, isReal } = cluster
    // Nothing listens on these ports.
    if (!isReal)
      await sql`INSERT INTO citus_stand_in.dead_server VALUES ('127.0.0.1', 1), ('127.0.0.1', 2) ON CONFLICT DO NOTHING`
    const add = async (port: number) => {
      const [row] = await sql<{ added: { kind: string; code?: string } }[]>`
        SELECT autoscaler.add_worker('127.0.0.1', ${port}, 2, interval '0') AS added`
      return [row?.added.kind, row?.added.code]
    }
    assert.deepEqual(await add(1), ['failed', '08006'])
    const { 'add-worker': kept } = (await read()).failedStarts
    assert.match(kept?.error ?? '', /^127\.0\.0\.1:1: SQLSTATE 08006: the coordinator can't connect to it/)
    assert.deepEqual(await add(1), ['busy', undefined])
    assert.deepEqual(await add(2), ['failed', '08006'])
    await sql`UPDATE autoscaler.last_start SET ended_at = ended_at - interval '1 minute'`
    assert.deepEqual(await add(2), ['failed', '08006'])
    await sql`DELETE FROM autoscaler.last_start WHERE work = 'add-worker'`
  })

  test('with metadata_sync_mode nontransactional only a statement outside a function adds a node', async (t) => {
    const { spare, sql, url } = cluster
    if (!spare) return t.skip('CITUS_WORKER_POOL names no server that could be added')
    const apart = connect(url, { max: 1 })
    try {
      await apart`SET citus.metadata_sync_mode = 'nontransactional'`
      await assert.rejects(apart`SELECT autoscaler.add_worker(${spare.host}, ${spare.port}, 2, interval '9 seconds')`, {
        message: 'do not add node in transaction block when the sync mode is nontransactional',
      })
      await apart.unsafe(`SELECT CASE WHEN pg_try_advisory_lock(autoscaler.lock_key('add-worker'))
        THEN citus_add_node('${spare.host}', ${spare.port}) END`)
      assert.equal((await sql`SELECT autoscaler.count_workers() AS workers`)[0]?.workers, '3')
    } finally {
      await apart.end()
      await sql`SELECT citus_remove_node(${spare.host}, ${spare.port})`
    }
  })
})
