import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect } from '../database.ts'
import { allowShards, applySql, asRole, describeOnEachEngine, lastWorker, urlOf, type Cluster } from './engines.ts'
import { useOwnServer } from '../database.ts'

useOwnServer()

const owners = ['probe_ann', 'probe_bob', 'probe_eve']
const start = `SELECT autoscaler.start_rebalance('by_shard_count', 'block_writes', interval '11 seconds') AS start`
const denied = { code: '42501' }

describeOnEachEngine('02-roles.sql', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
    await applySql(cluster.url, '01-autoscaler.sql')
    const { sql } = cluster
    const last = await lastWorker(sql)
    await allowShards(sql, last, false)
    for (const owner of owners) {
      await sql.unsafe(`CREATE ROLE ${owner} LOGIN PASSWORD 'probe'; GRANT CREATE ON SCHEMA public TO ${owner};
        CREATE TABLE public.of_${owner} (tenant bigint PRIMARY KEY);
        ALTER TABLE public.of_${owner} OWNER TO ${owner}`)
      await sql`SELECT create_distributed_table(${`public.of_${owner}`}, 'tenant', shard_count => 4, colocate_with => 'none')`
    }
    await allowShards(sql, last, true)
    await applySql(cluster.url, '02-roles.sql')
    await sql.unsafe(`CREATE ROLE probe_grafana LOGIN PASSWORD 'probe' IN ROLE autoscaler_grafana;
      CREATE ROLE probe_function LOGIN PASSWORD 'probe' IN ROLE autoscaler_function`)
  })
  after(async () => {
    const { sql } = cluster
    try {
      await sql`DROP ROLE probe_grafana, probe_function`
      for (const owner of owners)
        await sql.unsafe(`DROP TABLE IF EXISTS public.of_${owner}; DROP OWNED BY ${owner}; DROP ROLE ${owner}`)
    } finally {
      await cluster.close()
    }
  })

  const warnings = async () => (await applySql(cluster.url, '02-roles.sql')).map(({ message, hint }) => [message, hint])

  test('can be applied twice without a warning', async () => {
    assert.deepEqual(await warnings(), [])
  })

  test('an owner whose shards could not move is a warning with the remedy', async () => {
    const { sql } = cluster
    await sql`ALTER ROLE probe_ann NOLOGIN`
    assert.deepEqual(await warnings(), [
      [
        'shards in public will not move: Citus logs in to the workers as their owner probe_ann, who may not',
        'ALTER ROLE probe_ann LOGIN',
      ],
    ])
    await sql`ALTER ROLE probe_ann LOGIN`
    await sql`REVOKE CREATE ON SCHEMA public FROM probe_bob`
    await sql`REVOKE CREATE ON SCHEMA public FROM PUBLIC`
    assert.deepEqual(await warnings(), [
      [
        'shards in public will not move: their owner probe_bob may not create tables there',
        'GRANT CREATE ON SCHEMA public TO probe_bob',
      ],
    ])
    await sql`GRANT CREATE ON SCHEMA public TO probe_bob`
    assert.deepEqual(await warnings(), [])
  })

  test('a partition with another owner is a warning with the remedy', async (t) => {
    const { sql } = cluster
    t.after(() => sql`DROP TABLE public.probe_parts`)
    await sql.unsafe(`CREATE TABLE public.probe_parts (tenant bigint, day date, PRIMARY KEY (tenant, day)) PARTITION BY RANGE (day);
      CREATE TABLE public.probe_part PARTITION OF public.probe_parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
      ALTER TABLE public.probe_parts OWNER TO probe_ann`)
    await sql`SELECT create_distributed_table('public.probe_parts', 'tenant', shard_count => 2, colocate_with => 'none')`
    await sql`ALTER TABLE public.probe_part OWNER TO probe_bob`
    assert.deepEqual(await warnings(), [
      [
        'shards of public.probe_part will not move: it is a partition that belongs to probe_bob, and its table to probe_ann',
        'ALTER TABLE public.probe_part OWNER TO probe_ann',
      ],
    ])
  })

  test('a member of autoscaler_grafana can read what the dashboards show, and nothing else', async () => {
    await asRole('probe_grafana', cluster, async (sql) => {
      for (const readable of [
        'autoscaler.nodes',
        'autoscaler.workers',
        'autoscaler.shard_groups',
        'autoscaler.rebalance',
        'autoscaler.rebalance_tasks',
        'autoscaler.settled',
        'autoscaler.tenants',
        'autoscaler.worker_sizes()',
        'autoscaler.worker_count_age()',
        'autoscaler.count_workers()',
        'autoscaler.version()',
        'autoscaler.worker_change(now())',
        'autoscaler.worker_changes(now(), now())',
        'autoscaler.rebalances(now(), now())',
        'autoscaler.recent_history(20)',
        `autoscaler.settled_for('by_shard_count')`,
      ])
        await sql.unsafe(`SELECT * FROM ${readable}`)
      for (const refused of [
        'SELECT * FROM public.of_probe_ann',
        'SELECT * FROM public.worker_count',
        'INSERT INTO public.worker_count (count) VALUES (99)',
        'DELETE FROM public.worker_count',
        'SELECT * FROM autoscaler.last_plan',
        'SELECT * FROM autoscaler.last_start',
        'SELECT * FROM cron.job',
        'SELECT * FROM citus_stat_tenants',
        `SELECT citus_rebalance_start('by_shard_count', shard_transfer_mode => 'block_writes')`,
        `SELECT autoscaler.read_cluster('by_shard_count')`,
        `SELECT autoscaler.plan_rebalance('by_shard_count')`,
        start,
        `SELECT autoscaler.add_worker('w', 1, 2, interval '1 second')`,
        'SELECT autoscaler.refresh_plan()',
        `SELECT autoscaler.remember_start('rebalance', now(), 1, NULL)`,
        'CREATE TABLE autoscaler.mine (id int)',
      ])
        await assert.rejects(sql.unsafe(refused), denied, refused)
    })
  })

  test('a member of autoscaler_function can rebalance tables of three owners, and read none of them', async () => {
    const [member] = await cluster.sql`
      SELECT count(*)::int AS of FROM pg_auth_members WHERE member = 'autoscaler_function'::regrole`
    assert.deepEqual({ ...member }, { of: 0 })
    await asRole('probe_function', cluster, async (sql) => {
      const [{ cluster: before } = { cluster: {} }] = await sql<{ cluster: object }[]>`
        SELECT autoscaler.read_cluster('by_shard_count') AS cluster`
      assert.ok('usefulWorkers' in before && before.usefulWorkers === 12)
      await sql`SELECT autoscaler.read_preflight(), autoscaler.recent_history(20), autoscaler.version(), autoscaler.count_workers()`
      assert.equal((await sql`SELECT autoscaler.plan_rebalance('by_shard_count') AS moves`)[0]?.moves, 6)
      const [started] = await sql.unsafe<{ start: { kind: string; moves: number } }[]>(start)
      assert.equal(started?.start.kind, 'started')
      assert.equal(started?.start.moves, 6)
      assert.equal(await cluster.rebalanceEnd(), 'finished')
      for (const refused of [
        ...owners.flatMap((owner) => [`SELECT * FROM public.of_${owner}`, `DROP TABLE public.of_${owner}`]),
        'SELECT * FROM autoscaler.workers',
        'SELECT * FROM autoscaler.last_plan',
        'SELECT * FROM public.worker_count',
        'INSERT INTO public.worker_count (count) VALUES (99)',
        `SELECT citus_add_node('w', 1)`,
        'SELECT autoscaler.worker_sizes()',
        `SELECT autoscaler.remember_start('rebalance', now(), 1, NULL)`,
        `SET ROLE probe_ann`,
      ])
        await assert.rejects(sql.unsafe(refused), denied, refused)
    })
    const groups = await cluster.sql`SELECT shard_groups FROM autoscaler.workers`
    assert.deepEqual(
      groups.map((row) => ({ ...row })),
      [{ shard_groups: '6' }, { shard_groups: '6' }],
    )
  })

  test('a member of autoscaler_function adds a worker without the right to call citus_add_node', async (t) => {
    const { spare, sql } = cluster
    if (!spare) return t.skip('CITUS_WORKER_POOL names no server that could be added')
    const add = (workers: number) =>
      asRole('probe_function', cluster, async (app) => {
        const [row] = await app<{ added: object }[]>`
          SELECT autoscaler.add_worker(${spare.host}, ${spare.port}, ${workers}, interval '9 seconds') AS added`
        return row?.added
      })
    assert.deepEqual(await add(1), { kind: 'busy' }, 'the decision was for another number of workers')
    assert.deepEqual(await add(2), { kind: 'added' })
    await sql`SELECT citus_remove_node(${spare.host}, ${spare.port})`
    await assert.rejects(
      asRole(
        'probe_function',
        cluster,
        (app) => app`SELECT autoscaler.add_worker('127.0.0.1', 1, 2, interval '9 seconds')`,
      ),
      { code: '08006' },
    )
  })

  test('remove.sql removes everything, and can be applied again', async () => {
    const { sql, url } = cluster
    assert.deepEqual(await applySql(url, 'remove.sql'), [])
    assert.deepEqual(await applySql(url, 'remove.sql'), [])
    const [left] = await sql`
      SELECT to_regnamespace('autoscaler') AS schema, to_regclass('public.worker_count') AS table,
        to_regclass('public.worker_count_id_seq') AS sequence,
        to_regrole('autoscaler_grafana') AS grafana, to_regrole('autoscaler_function') AS function,
        (SELECT count(*) FROM cron.job)::int AS jobs`
    assert.deepEqual({ ...left }, { schema: null, table: null, sequence: null, grafana: null, function: null, jobs: 0 })
    const guest = connect(urlOf('probe_function', url), { max: 1 })
    await assert.rejects(guest`SELECT autoscaler.version()`, { code: '3F000' }).finally(() => guest.end())
  })
})
