import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Sql } from 'postgres'
import { recordWorkers } from '../citus/clusters.ts'
import { connect, createDatabase } from '../database.ts'
import { withoutIpv6 } from '../citus/ipv6.ts'
import { poolServers } from '../citus/pool.ts'
import { forEachApp } from '../functions/serve.ts'
import { passOn, databaseProxy } from '../functions/database-proxy.ts'
import { flood } from '../in-full.ts'

const deadServer = '127.0.0.1:1'

/** A stand-in cluster of two workers with shards, and a pool: first a port where nothing listens, then `servers` usable servers. */
async function withPool(t: TestContext, servers: number) {
  const { url, sql, drop } = await createDatabase()
  t.after(drop)
  await sql`CREATE TABLE events (tenant_id int PRIMARY KEY)`
  await sql`SELECT create_distributed_table('events', 'tenant_id')`
  await recordWorkers(sql)
  const addresses = await poolServers(t, url, servers)
  const settings = {
    CLUSTER_KIND: 'citus',
    CLUSTER_NAME: 'demo',
    PG_CONNECTION_URL: url,
    CITUS_WORKER_POOL: [deadServer, ...addresses].join(','),
  }
  return { sql, addresses, settings, urlOf: (address: string) => Object.assign(new URL(url), { host: address }).href }
}

const workersOf = async (sql: Sql) => {
  const rows = await sql<{ node: string }[]>`
    SELECT nodename || ':' || nodeport AS node FROM pg_dist_node WHERE groupid <> 0 ORDER BY nodeid`
  return rows.map(({ node }) => node)
}

forEachApp(({ serve }) => {
  test('the next usable servers of the pool are added in order; a dead one is skipped by name', async (t) => {
    const { sql, addresses, settings } = await withPool(t, 3)
    const { post } = await serve(t, { ...settings, SCALE_OUT_TARGET_CPU_PERCENT: '50' })
    const answer = await post('scale-out')
    assert.deepEqual([answer.status, answer.reason], [202, 'scaling-out'])
    assert.deepEqual(answer.workers, { from: 2, to: 4 })
    assert.deepEqual(answer.added, addresses.slice(0, 2))
    assert.match(answer.text, /"skipped":\[{"server":"127.0.0.1:1","reason":"does not answer: .*ECONNREFUSED/)
    assert.deepEqual((await workersOf(sql)).slice(2), addresses.slice(0, 2))
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
  })

  test('an unusable server is skipped with its reason', async (t) => {
    const { addresses, settings, urlOf } = await withPool(t, 4)
    const change = async (index: number, statement: string) => {
      const sql = connect(urlOf(addresses[index] ?? ''), { max: 1 })
      await sql.unsafe(statement)
      await sql.end()
    }
    await change(0, 'CREATE TABLE leftovers (id int)')
    await change(1, 'SET allow_system_table_mods = on; DROP FUNCTION citus_version()')
    await change(
      2,
      `SET allow_system_table_mods = on;
       CREATE OR REPLACE FUNCTION pg_catalog.citus_version() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'Citus 11.3.0 on x' $$`,
    )
    const { post } = await serve(t, { ...settings, SCALE_OUT_MAX_STEP: '1' })
    const answer = await post('scale-out')
    assert.deepEqual(answer.added, [addresses[3]])
    for (const reason of [
      /already has tables \(1\)/,
      /lacks the extension citus/,
      /has Citus 11\.3, the coordinator has \d+\.\d+/,
    ])
      assert.match(answer.text, reason)
  })

  test('no server can be added: citus-refused', async (t) => {
    const { sql, settings } = await withPool(t, 0)
    const { post } = await serve(t, settings)
    const answer = await post('scale-out')
    assert.deepEqual([answer.status, answer.reason], [502, 'citus-refused'])
    assert.match(answer.message, /127\.0\.0\.1:1 does not answer/)
    assert.equal((await workersOf(sql)).length, 2)
  })

  test('all servers of the pool are workers: at-maximum', async (t) => {
    const { settings } = await withPool(t, 0)
    const { post } = await serve(t, { ...settings, CITUS_WORKER_POOL: 'worker-1:5432,worker-2:5432' })
    const answer = await post('scale-out')
    assert.deepEqual([answer.status, answer.reason], [200, 'at-maximum'])
  })

  test('after a rise in worker_count the answer is cooling-down', async (t) => {
    const { sql, settings } = await withPool(t, 1)
    await sql`DELETE FROM public.worker_count`
    await sql`INSERT INTO public.worker_count (created_at, count) VALUES (now() - interval '9 min', 1), (now() - interval '8 min', 2), (now(), 2)`
    const { post, get } = await serve(t, settings)
    assert.match((await get('status')).text, /"workersChangedAt":"20/)
    const answer = await post('scale-out')
    assert.equal(answer.reason, 'cooling-down')
    const minutes = (Date.parse(answer.until ?? '') - Date.now()) / 60_000
    assert.ok(minutes > 6 && minutes <= 7, answer.until)
  })

  const withoutHistory: [name: string, statement: string, status: number, reason: string, message: RegExp][] = [
    [
      'does not exist',
      'DROP TABLE public.worker_count',
      502,
      'citus-refused',
      /worker_count does not exist: run sql\/01-autoscaler\.sql/,
    ],
    [
      'has no row',
      'DELETE FROM public.worker_count',
      200,
      'cluster-not-ready',
      /worker_count has stopped \(no row at all\).*pg_cron/,
    ],
    [
      'has stopped',
      "UPDATE public.worker_count SET created_at = now() - interval '121 s'",
      200,
      'cluster-not-ready',
      /worker_count has stopped \(its last row is 12\d s old\).*cron\.job_run_details.*pg_cron/,
    ],
  ]
  for (const [name, statement, status, reason, message] of withoutHistory)
    test(`a history that ${name}: ${reason}, and nothing is added`, async (t) => {
      const { sql, settings } = await withPool(t, 1)
      await sql.unsafe(statement)
      const { post, get } = await serve(t, { ...settings, SCALE_OUT_MAX_STEP: '1' })
      for (let time = 0; time < 4; time++) {
        const answer = await post('scale-out')
        assert.deepEqual([answer.status, answer.reason], [status, reason])
        assert.match(answer.message, message)
      }
      assert.equal((await workersOf(sql)).length, 2)
      const { next } = await get('status')
      assert.equal(next?.reason, reason)
      assert.match(next?.message ?? '', message)
    })

  test('a server of the pool that is a node out of service is skipped: at-maximum', async (t) => {
    const { sql, addresses, settings } = await withPool(t, 1)
    const [host = '', port = ''] = (addresses[0] ?? '').split(':')
    await sql`SELECT citus_add_node(${host}, ${Number(port)})`
    await sql`SELECT citus_set_node_property(${host}, ${Number(port)}, 'shouldhaveshards', false)`
    const { post } = await serve(t, {
      ...settings,
      CITUS_WORKER_POOL: addresses.join(),
      SCALE_OUT_COOLDOWN_MINUTES: '0',
    })
    for (let time = 0; time < 3; time++) {
      const answer = await post('scale-out')
      assert.deepEqual([answer.status, answer.reason, answer.workers], [200, 'at-maximum', { from: 2, to: 2 }])
    }
  })

  test('a server with an IPv6 address is added, and then recognised as a worker', { skip: withoutIpv6 }, async (t) => {
    const { sql, addresses, settings, urlOf } = await withPool(t, 1)
    const proxy = new URL(await databaseProxy(t, urlOf(addresses[0] ?? ''), passOn, '::1')).host
    const { post } = await serve(t, { ...settings, CITUS_WORKER_POOL: proxy })
    const answer = await post('scale-out')
    assert.deepEqual([answer.reason, answer.added], ['scaling-out', [proxy]], answer.message)
    assert.equal((await workersOf(sql)).at(-1), proxy.replace(/[[\]]/g, ''))
    await sql`DROP TABLE events` // no rebalance is pending then
    assert.equal((await post('scale-out')).reason, 'at-maximum')
  })

  test('a server that becomes a node just before it is added is skipped', async (t) => {
    const { sql, addresses, settings } = await withPool(t, 2)
    // The race: the server becomes a node after the cluster was read.
    const [host = '', port = ''] = (addresses[0] ?? '').split(':')
    await sql.unsafe(`
      SET allow_system_table_mods = on;
      ALTER FUNCTION autoscaler.add_worker(text, integer, bigint, interval) RENAME TO add_worker_now;
      CREATE FUNCTION autoscaler.add_worker(host text, port integer, workers bigint, within interval) RETURNS json LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM citus_add_node('${host}', ${port}), citus_set_node_property('${host}', ${port}, 'shouldhaveshards', false);
        RETURN autoscaler.add_worker_now(host, port, workers, within);
      END $$`)
    const { post } = await serve(t, { ...settings, SCALE_OUT_MAX_STEP: '1' })
    const answer = await post('scale-out')
    assert.deepEqual(answer.added, [addresses[1]])
    assert.match(answer.text, /"reason":"was refused: .*is a node of the cluster already/)
  })

  test('a dry run adds nothing', async (t) => {
    const { sql, settings } = await withPool(t, 1)
    const { post } = await serve(t, { ...settings, AUTOSCALE_MODE: 'dry-run' })
    assert.equal((await post('scale-out')).reason, 'dry-run')
    assert.equal((await workersOf(sql)).length, 2)
  })

  test(`${flood} notifications at once add one server`, async (t) => {
    const { sql, addresses, settings } = await withPool(t, 2)
    const { post } = await serve(t, { ...settings, SCALE_OUT_MAX_STEP: '1', SCALE_OUT_COOLDOWN_MINUTES: '0' })
    const answers = await Promise.all(Array.from({ length: flood }, () => post('scale-out')))
    const counts = Map.groupBy(answers, ({ reason }) => reason)
    assert.equal(counts.get('scaling-out')?.length, 1)
    assert.deepEqual(
      [...counts.keys()].sort(),
      ['operation-in-progress', 'rebalance-pending', 'scaling-out'].filter((reason) => counts.has(reason)),
    )
    assert.deepEqual((await workersOf(sql)).slice(2), addresses.slice(0, 1))
  })
})
