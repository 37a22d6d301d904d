import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unbalanced } from '../citus/unbalanced.ts'
import { holdingProxy } from './broken-proxy.ts'
import { completeSettings, forEachAppSideBySide } from './serve.ts'

const settingsOf = (url: string) => ({ ...completeSettings, PG_CONNECTION_URL: url })
const full = /^a move to worker-2:5432 fails: 5\.0 % of its disk is free, and 10 % must be left after it/

forEachAppSideBySide(({ serve }) => {
  test('a rebalance, and a dry run of it, warn of a worker that is nearly full', async (t) => {
    const { url, sql, jobs } = await unbalanced(t)
    await sql`INSERT INTO citus_stand_in.disk VALUES ('worker-2', 5432, 5, 100)`
    const dry = await (await serve(t, { ...settingsOf(url), REBALANCE_MODE: 'dry-run' })).post('rebalance')
    assert.deepEqual([dry.reason, dry.warnings?.length], ['dry-run', 1])
    assert.match(dry.warnings?.[0] ?? '', full)
    const { reason, warnings } = await (await serve(t, settingsOf(url))).post('rebalance')
    assert.deepEqual([reason, warnings?.length, await jobs()], ['rebalancing', 1, 1])
    assert.match(warnings?.[0] ?? '', full)
  })

  test('a worker that does not answer gets no disk warning', async (t) => {
    const { url, sql } = await unbalanced(t)
    await sql`INSERT INTO citus_stand_in.disk VALUES ('worker-1', 5432, 5, 100), ('worker-2', 5432, 12, 100)`
    await sql`INSERT INTO citus_stand_in.dead_server VALUES ('worker-1', 5432)`
    const { warnings } = await (await serve(t, settingsOf(url))).post('rebalance')
    assert.equal(warnings?.length, 1)
    assert.match(warnings?.[0] ?? '', /worker-2:5432 may fail: 12\.0 %/)
  })

  test('disk usage that is not read in time: the rebalance starts without a warning', async (t) => {
    const { url, jobs } = await unbalanced(t)
    const held = await holdingProxy(t, url, 'read_disks')
    const { post } = await serve(t, settingsOf(held.proxy))
    const { reason, warnings } = await post('rebalance')
    assert.deepEqual([reason, warnings, await jobs()], ['rebalancing', undefined, 1])
    held.release()
  })

  test('a schema without read_disks: the rebalance starts with a warning', async (t) => {
    const { url, sql, jobs } = await unbalanced(t)
    await sql`DROP FUNCTION autoscaler.read_disks()`
    const { reason, warnings } = await (await serve(t, settingsOf(url))).post('rebalance')
    assert.deepEqual([reason, warnings?.length, await jobs()], ['rebalancing', 1, 1])
    assert.match(
      warnings?.[0] ?? '',
      /asked to tell how full the disks are, answered SQLSTATE 42883.*run sql\/01-autoscaler\.sql/i,
    )
  })
})
