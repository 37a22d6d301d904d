import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { addWorkers } from '../../src/citus/add-workers.ts'
import { closeDatabase } from '../../src/citus/connection.ts'
import { startPoolServers } from '../../src/local/pool-servers.ts'
import { createDatabase } from '../database.ts'
import { until } from '../until.ts'
import { databaseOf } from './database-of.ts'

/** A cluster of two workers, and a server that waits. */
async function withServer(t: TestContext) {
  const { url, sql, drop } = await createDatabase()
  t.after(drop)
  const pool = await startPoolServers(url, 1)
  t.after(pool.stop)
  t.after(closeDatabase)
  const candidates = pool.addresses.map((address) => {
    const { hostname, port } = new URL(`tcp://${address}`)
    return { host: hostname, port: Number(port) }
  })
  const workers = async () => (await sql`SELECT FROM pg_dist_node WHERE groupid <> 0`).length
  return { sql, order: { database: databaseOf(url), candidates, workers: 2, count: 1 }, workers }
}

test('a decision on a number of workers that has changed since adds none', async (t) => {
  const { order, workers } = await withServer(t)
  assert.equal((await addWorkers({ ...order, workers: 1 })).kind, 'operation-in-progress')
  assert.equal(await workers(), 2)
})

test('nor does an instance while another one adds', async (t) => {
  const { sql, order, workers } = await withServer(t)
  const other = await sql.reserve()
  await other`SELECT pg_advisory_lock(autoscaler.lock_key('add-worker'))`
  assert.equal((await addWorkers(order)).kind, 'operation-in-progress')
  assert.equal(await workers(), 2)
  await other`SELECT pg_advisory_unlock(autoscaler.lock_key('add-worker'))`
  other.release()
  assert.equal((await addWorkers(order)).kind, 'added')
  assert.equal(await workers(), 3)
})

test('a coordinator that goes down meanwhile adds none, and does not end the process', async (t) => {
  const { sql, order, workers } = await withServer(t)
  await sql.unsafe(`
    SET allow_system_table_mods = on;
    ALTER FUNCTION pg_catalog.citus_add_node RENAME TO elsewhere;
    CREATE FUNCTION pg_catalog.citus_add_node(nodename text, nodeport integer) RETURNS integer LANGUAGE sql AS
    'SELECT 1 FROM (SELECT pg_sleep(60)) AS slept'`)
  const added = addWorkers(order)
  const rejected = assert.rejects(added, { reason: 'citus-unavailable' })
  await until('its backend is ended', async () => {
    const ended = await sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE '%autoscaler.add_worker(%' AND wait_event = 'PgSleep'`
    return ended.length > 0
  })
  await rejected
  assert.equal(await workers(), 2)
})
