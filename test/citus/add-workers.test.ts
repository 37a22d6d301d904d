import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { addWorkers } from '../../src/citus/add-workers.ts'
import type { Sql } from 'postgres'
import { closeDatabase } from '../../src/citus/connection.ts'
import { readTopology } from '../../src/citus/read-topology.ts'
import { createDatabase } from '../database.ts'
import { until } from '../until.ts'
import { databaseOf } from './database-of.ts'
import { poolServers } from './pool.ts'

/** citus.metadata_sync_mode: metadata go to a new node in one transaction, or in several, where Citus refuses a transaction block. */
const modes = ['transactional', 'nontransactional'] as const

/** A cluster of two workers, and a pool of one server or more. */
async function withServer(t: TestContext, mode: (typeof modes)[number], servers = 1) {
  const { url, sql, drop } = await createDatabase()
  t.after(drop)
  await sql.unsafe(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET citus.metadata_sync_mode = '${mode}'`)
  const addresses = await poolServers(t, url, servers)
  t.after(closeDatabase)
  const candidates = addresses.map((address) => {
    const { hostname, port } = new URL(`tcp://${address}`)
    return { host: hostname, port: Number(port) }
  })
  const workers = async () => (await sql`SELECT FROM pg_dist_node WHERE groupid <> 0`).length
  return { url, sql, order: { database: databaseOf(url), candidates, workers: 2, count: 1 }, workers }
}

/** Makes citus_add_node hang. Resolves with a function that waits for the call and returns its backend's pid. */
async function makeAddingHang(sql: Sql) {
  await sql.unsafe(`
    SET allow_system_table_mods = on;
    ALTER FUNCTION pg_catalog.citus_add_node RENAME TO citus_add_node_before;
    CREATE FUNCTION pg_catalog.citus_add_node(nodename text, nodeport integer) RETURNS integer LANGUAGE sql AS
    'SELECT 1 FROM (SELECT pg_sleep(60)) AS slept'`)
  return () =>
    until('the node is being added', async () => {
      const [row] = await sql<{ pid: number }[]>`
        SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`
      return row?.pid
    })
}

for (const mode of modes) {
  test(`${mode}: a decision for another number of workers adds none`, async (t) => {
    const { order, workers } = await withServer(t, mode)
    assert.equal((await addWorkers({ ...order, workers: 1 })).kind, 'operation-in-progress')
    assert.equal(await workers(), 2)
  })

  test(`${mode}: an instance adds none while another one adds`, async (t) => {
    const { sql, order, workers } = await withServer(t, mode)
    const other = await sql.reserve()
    await other`SELECT pg_advisory_lock(autoscaler.lock_key('add-worker'))`
    assert.equal((await addWorkers(order)).kind, 'operation-in-progress')
    assert.equal(await workers(), 2)
    await other`SELECT pg_advisory_unlock(autoscaler.lock_key('add-worker'))`
    other.release()
    assert.equal((await addWorkers(order)).kind, 'added')
    assert.equal(await workers(), 3)
  })

  test(`${mode}: a connection that breaks while adding: citus-unavailable, and no worker is added`, async (t) => {
    const { sql, order, workers } = await withServer(t, mode)
    const adding = await makeAddingHang(sql)
    const rejected = assert.rejects(addWorkers(order), { reason: 'citus-unavailable' })
    await sql`SELECT pg_terminate_backend(${await adding()})`
    await rejected
    assert.equal(await workers(), 2)
  })

  test(`${mode}: a failure after the answer is kept for the next requests`, async (t) => {
    const { url, sql, order } = await withServer(t, mode)
    const adding = await makeAddingHang(sql)
    const added = addWorkers(order)
    const pid = await adding()
    assert.deepEqual(await added, { kind: 'adding' })
    await sql`SELECT pg_cancel_backend(${pid})`
    const kept = await until('the failure is kept', async () => (await sql`SELECT * FROM autoscaler.last_start`)[0])
    assert.deepEqual([kept.work, kept.failures], ['add-worker', 1])
    assert.match(String(kept.error), /^127\.0\.0\.1:\d+: .*57014/)
    assert.equal((await readTopology(databaseOf(url), 'by_shard_count')).failedWorkerStart?.failures, 1)
  })
}

test('a server that is refused after the answer is skipped, and the next one is added', async (t) => {
  const { sql, order, workers } = await withServer(t, 'transactional', 2)
  const [first, second] = order.candidates.map(({ port }) => port)
  await sql.unsafe(`
    SET allow_system_table_mods = on;
    ALTER FUNCTION pg_catalog.citus_add_node RENAME TO citus_add_node_before;
    CREATE FUNCTION pg_catalog.citus_add_node(nodename text, nodeport integer) RETURNS integer LANGUAGE plpgsql AS $$
    BEGIN
      IF nodeport = ${first} THEN
        PERFORM pg_advisory_xact_lock(1);
        RAISE EXCEPTION 'role "app" does not exist' USING ERRCODE = '42704';
      END IF;
      RETURN citus_add_node_before(nodename, nodeport);
    END $$`)
  const refusing = await sql.reserve()
  await refusing`SELECT pg_advisory_lock(1)`
  assert.deepEqual(await addWorkers(order), { kind: 'adding' })
  await refusing`SELECT pg_advisory_unlock(1)`
  refusing.release()
  await until('the next server is a worker', async () => (await workers()) === 3)
  assert.equal((await sql`SELECT FROM pg_dist_node WHERE nodeport = ${second ?? 0}`).length, 1)
})

test('a server that is already a node without shards is refused by name', async (t) => {
  const { sql, order, workers } = await withServer(t, 'transactional')
  const [{ host, port } = { host: '', port: 0 }] = order.candidates
  await sql`SELECT citus_add_node(${host}, ${port})`
  await sql`SELECT citus_set_node_property(${host}, ${port}, 'shouldhaveshards', false)`
  await assert.rejects(addWorkers(order), {
    reason: 'citus-refused',
    message: /No server.*127\.0\.0\.1:\d+ was refused: .*is a node of the cluster already.*shouldhaveshards/,
  })
  assert.equal(await workers(), 3)
})
