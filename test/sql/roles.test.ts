import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect } from '../database.ts'
import { applySql, describeOnEachEngine, hear, type Cluster } from './engines.ts'

// Roles belong to the whole server: this file has one to itself.
delete process.env.TEST_DATABASE_SERVER_URL

const start = `SELECT citus_rebalance_start('by_shard_count', shard_transfer_mode => 'block_writes')`

describeOnEachEngine('02-roles.sql', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
    await applySql(cluster.url, '01-autoscaler.sql')
    await cluster.sql.unsafe(`
      CREATE ROLE probe_owner LOGIN PASSWORD 'probe';
      GRANT CREATE ON SCHEMA public TO probe_owner;
      CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY);
      ALTER TABLE public.probe_events OWNER TO probe_owner`)
    const [last] = await cluster.sql<[{ host: string; port: number }]>`
      SELECT nodename AS host, nodeport AS port FROM pg_dist_node ORDER BY nodeid DESC LIMIT 1`
    const allow = (may: boolean) =>
      cluster.sql`SELECT citus_set_node_property(${last.host}, ${last.port}, 'shouldhaveshards', ${may})`
    await allow(false)
    await cluster.sql`SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4)`
    await allow(true)
  })
  after(async () => {
    try {
      await cluster.sql.unsafe('DROP TABLE public.probe_events; DROP OWNED BY probe_owner; DROP ROLE probe_owner')
    } finally {
      await cluster.close()
    }
  })

  /** The URL with which a new role logs in that is a member of the given one. */
  async function login(role: string, memberOf: string): Promise<string> {
    await cluster.sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'probe' IN ROLE ${memberOf}`)
    const url = new URL(cluster.url)
    url.username = role
    url.password = 'probe'
    return url.href
  }

  test('can be applied twice, and says nothing', async () => {
    assert.deepEqual(await applySql(cluster.url, '02-roles.sql'), [])
    assert.deepEqual(await applySql(cluster.url, '02-roles.sql'), [])
  })

  test('what would keep shards from moving is a warning that names the remedy', async () => {
    const warnings = async () =>
      (await applySql(cluster.url, '02-roles.sql')).map(({ message, hint }) => [message, hint])
    await cluster.sql`ALTER ROLE probe_owner NOLOGIN`
    assert.deepEqual(await warnings(), [
      [
        'shards in public will not move: Citus logs in to the workers as their owner probe_owner, who may not',
        'ALTER ROLE probe_owner LOGIN',
      ],
    ])
    await cluster.sql`ALTER ROLE probe_owner LOGIN`
    await cluster.sql`REVOKE CREATE ON SCHEMA public FROM probe_owner`
    assert.deepEqual(await warnings(), [
      [
        'shards in public will not move: their owner probe_owner may not create tables there',
        'GRANT CREATE ON SCHEMA public TO probe_owner',
      ],
    ])
    await cluster.sql`GRANT CREATE ON SCHEMA public TO probe_owner`
    await cluster.sql`ALTER TABLE public.probe_events OWNER TO CURRENT_USER`
    const [[message] = []] = await warnings()
    assert.match(
      String(message),
      /^autoscaler_function may not rebalance: tables in public belong to \w+, a superuser$/,
    )
    await cluster.sql`ALTER TABLE public.probe_events OWNER TO probe_owner`
  })

  test('who logs in for Grafana reads what the dashboards show, and nothing else', async (t) => {
    const url = await login('probe_grafana', 'autoscaler_grafana')
    const sql = connect(url, { max: 1 })
    t.after(async () => {
      await sql.end()
      await cluster.sql`DROP ROLE probe_grafana`
    })
    for (const readable of [
      'SELECT * FROM public.worker_count',
      'SELECT * FROM autoscaler.workers',
      'SELECT * FROM autoscaler.workers_without_shards',
      'SELECT * FROM autoscaler.rebalance',
      'SELECT * FROM autoscaler.rebalance_tasks',
      'SELECT * FROM autoscaler.tenants',
      'SELECT autoscaler.worker_count_age()',
      'SELECT * FROM autoscaler.worker_change(now())',
      'SELECT * FROM autoscaler.worker_changes(now(), now())',
      'SELECT * FROM autoscaler.rebalances(now(), now())',
    ]) {
      await sql.unsafe(readable)
    }
    const denied = { code: '42501' }
    await assert.rejects(sql`SELECT * FROM public.probe_events`, denied)
    await assert.rejects(sql`INSERT INTO public.worker_count (count) VALUES (99)`, denied)
    await assert.rejects(sql`DELETE FROM public.worker_count`, denied)
    await assert.rejects(sql`SELECT * FROM cron.job`, denied)
    await assert.rejects(sql`SELECT * FROM citus_stat_tenants`, denied)
    await assert.rejects(sql.unsafe(start), denied)
  })

  test('who logs in for the function may rebalance tables of another owner', async (t) => {
    const url = await login('probe_function', 'autoscaler_function')
    assert.match(String((await hear(url, start))?.message), /^Scheduled 2 moves as job \d+$/)
    assert.equal(await cluster.rebalanceEnd(), 'finished')
    const sql = connect(url, { max: 1 })
    t.after(async () => {
      await sql.end()
      await cluster.sql`DROP ROLE probe_function`
    })
    const workers = await sql`SELECT shard_groups FROM autoscaler.workers`
    assert.deepEqual(
      workers.map((row) => ({ ...row })),
      [{ shard_groups: '2' }, { shard_groups: '2' }],
    )
    await assert.rejects(sql`INSERT INTO public.worker_count (count) VALUES (99)`, { code: '42501' })
  })

  test('remove.sql takes all of it out, and can be applied again', async () => {
    assert.deepEqual(await applySql(cluster.url, 'remove.sql'), [])
    assert.deepEqual(await applySql(cluster.url, 'remove.sql'), [])
    const [left] = await cluster.sql`
      SELECT to_regnamespace('autoscaler') AS schema, to_regclass('public.worker_count') AS table,
        to_regrole('autoscaler_grafana') AS grafana, to_regrole('autoscaler_function') AS function,
        (SELECT count(*) FROM cron.job)::int AS jobs`
    assert.deepEqual({ ...left }, { schema: null, table: null, grafana: null, function: null, jobs: 0 })
  })

  test('a role that may not create roles is told where to, and nothing is half done', async (t) => {
    const { sql, url } = cluster
    const [{ name }] = await sql<[{ name: string }]>`SELECT current_database() AS name`
    await sql.unsafe(`CREATE ROLE probe_manager LOGIN PASSWORD 'probe'; GRANT USAGE ON SCHEMA cron TO probe_manager;
      GRANT CREATE ON DATABASE ${name} TO probe_manager; GRANT CREATE ON SCHEMA public TO probe_manager`)
    t.after(async () => {
      await applySql(url, 'remove.sql', 'probe_manager')
      await sql`DROP OWNED BY probe_manager`
      await sql`DROP ROLE IF EXISTS probe_manager, autoscaler_grafana, autoscaler_function`
    })
    assert.deepEqual(await applySql(url, '01-autoscaler.sql', 'probe_manager'), [])
    await assert.rejects(applySql(url, '02-roles.sql', 'probe_manager'), {
      message: 'role probe_manager may not create the role autoscaler_grafana',
      hint: 'On Azure Cosmos DB for PostgreSQL add it in the portal. Elsewhere run this as a role with CREATEROLE. Then run this file again.',
    })
    // made by somebody else, as in the portal
    await sql`CREATE ROLE autoscaler_grafana`
    await sql`CREATE ROLE autoscaler_function`
    const [warning] = await applySql(url, '02-roles.sql', 'probe_manager')
    assert.equal(
      warning?.message,
      'autoscaler_function may not rebalance: probe_manager may not make it a member of probe_owner',
    )
  })
})
