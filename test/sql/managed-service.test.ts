import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { allowShards, applySql, asRole, describeOnEachEngine, lastWorker, type Cluster } from './engines.ts'
import { useOwnServer } from '../database.ts'

useOwnServer()

// As on Azure Cosmos DB for PostgreSQL: a role without superuser owns everything (there `citus`), and roles are made in the portal.
describeOnEachEngine('sql/ without a superuser', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
    const { sql } = cluster
    const [{ name }] = await sql<[{ name: string }]>`SELECT current_database() AS name`
    await sql.unsafe(`CREATE ROLE probe_manager LOGIN PASSWORD 'probe';
      GRANT USAGE ON SCHEMA cron TO probe_manager; GRANT pg_monitor TO probe_manager;
      GRANT CREATE ON DATABASE ${name} TO probe_manager; GRANT CREATE ON SCHEMA public TO probe_manager;
      CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY);
      ALTER TABLE public.probe_events OWNER TO probe_manager`)
    const last = await lastWorker(sql)
    await allowShards(sql, last, false)
    await sql`SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4)`
    await allowShards(sql, last, true)
  })
  after(async () => {
    const { sql, url } = cluster
    try {
      await applySql(url, 'remove.sql', 'probe_manager')
      await sql`DROP TABLE public.probe_events`
      await sql`DROP OWNED BY probe_manager`
      await sql`DROP ROLE IF EXISTS probe_manager, autoscaler_grafana, autoscaler_function, probe_eve`
    } finally {
      await cluster.close()
    }
  })

  test('02-roles.sql without CREATEROLE: an error that says to make the roles in the portal', async () => {
    assert.deepEqual(await applySql(cluster.url, '01-autoscaler.sql', 'probe_manager'), [])
    await assert.rejects(applySql(cluster.url, '02-roles.sql', 'probe_manager'), {
      message: 'role probe_manager may not create the role autoscaler_grafana',
      hint: 'On Azure Cosmos DB for PostgreSQL add it in the portal. Elsewhere run this as a role with CREATEROLE. Then run this file again.',
    })
  })

  test('the login role autoscaler_function from the portal can rebalance the tables of the owner', async () => {
    const { sql, url } = cluster
    await sql`CREATE ROLE autoscaler_grafana LOGIN PASSWORD 'probe'`
    await sql`CREATE ROLE autoscaler_function LOGIN PASSWORD 'probe'`
    assert.deepEqual(await applySql(url, '02-roles.sql', 'probe_manager'), [])
    const [owners] = await sql`
      SELECT array_agg(DISTINCT proowner::regrole::text) AS all FROM pg_proc WHERE pronamespace = 'autoscaler'::regnamespace`
    assert.deepEqual({ ...owners }, { all: ['probe_manager'] })
    await asRole('autoscaler_function', cluster, async (app) => {
      await app`SELECT autoscaler.read_cluster('by_shard_count'), autoscaler.read_preflight(), autoscaler.recent_history(20)`
      assert.equal((await app`SELECT autoscaler.plan_rebalance('by_shard_count') AS moves`)[0]?.moves, 2)
      const [row] = await app<{ start: { kind: string } }[]>`
        SELECT autoscaler.start_rebalance('by_shard_count', 'block_writes', interval '11 seconds') AS start`
      assert.equal(row?.start.kind, 'started')
      assert.equal(await cluster.rebalanceEnd(), 'finished')
      await assert.rejects(app`SELECT * FROM public.probe_events`, { code: '42501' })
      // Only a superuser's function may add a node. On Azure the service adds nodes.
      await assert.rejects(app`SELECT autoscaler.add_worker('127.0.0.1', 1, 2, interval '9 seconds')`, {
        code: '42501',
      })
    })
    await asRole(
      'autoscaler_grafana',
      cluster,
      (grafana) => grafana`SELECT * FROM autoscaler.settled, autoscaler.workers`,
    )
  })

  test('a table of another owner prevents every rebalance, and 02-roles.sql warns of it', async () => {
    const { sql, url } = cluster
    await sql.unsafe(`CREATE ROLE probe_eve LOGIN PASSWORD 'probe'; GRANT CREATE ON SCHEMA public TO probe_eve;
      CREATE TABLE public.of_eve (tenant bigint PRIMARY KEY); ALTER TABLE public.of_eve OWNER TO probe_eve`)
    await sql`SELECT create_distributed_table('public.of_eve', 'tenant', shard_count => 4, colocate_with => 'none')`
    const warningsOf = async () =>
      (await applySql(url, '02-roles.sql', 'probe_manager')).map(({ message, hint }) => [message, hint])
    assert.deepEqual(await warningsOf(), [
      [
        'no rebalance will start: tables in public belong to probe_eve, of whom probe_manager, the owner of the functions, is no member',
        'GRANT probe_eve TO probe_manager',
      ],
    ])
    const start = `SELECT autoscaler.start_rebalance('by_shard_count', 'block_writes', interval '11 seconds')`
    await assert.rejects(
      asRole('autoscaler_function', cluster, (app) => app.unsafe(start)),
      { code: '42501', message: 'must be owner of table of_eve' },
    )
    await sql`GRANT probe_eve TO probe_manager`
    assert.deepEqual(await warningsOf(), [])
    await asRole('autoscaler_function', cluster, (app) => app.unsafe(start))
    await sql.unsafe(`DROP TABLE public.of_eve; DROP OWNED BY probe_eve`)
  })
})
