import assert from 'node:assert/strict'
import type { Sql } from 'postgres'
import { finishRebalance, mayHoldShards, type TestCluster } from '../citus/clusters.ts'
import { addStrategy } from '../citus/strategies.ts'
import { until } from '../until.ts'
import { hoursFromNow, onlyRead, testFunctionsOnCluster } from './on-cluster.ts'

const placements = async (sql: Sql) =>
  sql<{ groups: number }[]>`SELECT shard_groups::int AS groups FROM autoscaler.workers WHERE is_worker ORDER BY node_id`

/** Waits until a rebalance has moved a few shard groups, and stops it there. */
async function cutShort({ sql, isReal }: TestCluster): Promise<void> {
  if (!isReal) await sql`UPDATE citus_stand_in.settings SET clock_offset = clock_offset + interval '55 seconds'`
  await until('some shard groups have moved', async () => {
    const [row] = await sql`SELECT tasks_done >= 2 AS some FROM autoscaler.rebalance`
    return row?.some === true
  })
  await sql`SELECT citus_rebalance_stop()`
  await finishRebalance(sql)
}

testFunctionsOnCluster('a rebalance that was stopped halfway is finished before a worker is added', async (served) => {
  const { sql, isReal, post, arm, serveAt } = served
  if (!isReal) await sql`UPDATE citus_stand_in.settings SET seconds_per_move = 10`
  assert.equal((await post('rebalance')).moves, 16)
  await cutShort(served)
  const workers = await placements(sql)
  assert.ok(
    workers.every(({ groups }) => groups > 0) && workers.some(({ groups }) => groups > 16),
    JSON.stringify(workers),
  )
  // After a day the stop no longer holds; no worker is empty, but the plan still has moves.
  const later = await serveAt(hoursFromNow(25))
  const held = await later.post('scale-out')
  assert.equal(held.reason, 'rebalance-pending')
  assert.match(held.message, /plan has \d+ moves/)
  assert.ok(onlyRead(arm))
  const rest = await later.post('rebalance')
  assert.deepEqual([rest.status, rest.reason], [202, 'rebalancing'])
  assert.ok((rest.moves ?? 0) > 0 && (rest.moves ?? 16) < 16, `${rest.moves}`)
  if (!isReal) await sql`UPDATE citus_stand_in.settings SET clock_offset = clock_offset + interval '1 hour'`
  await finishRebalance(sql)
  assert.equal((await later.post('rebalance')).reason, 'balanced')
  assert.equal((await later.post('scale-out')).reason, 'scaling-out')
})

/** Makes the newest job fail: the stand-in runs out of retries. Real Citus needs half an hour for its 32 tries, so there the catalogue is changed. */
async function failJob({ sql, isReal }: TestCluster): Promise<Date> {
  if (!isReal) {
    await sql`SELECT citus_stand_in.break_moves('ERROR: connection to the remote node worker-2:5432 failed')`
    await sql`UPDATE citus_stand_in.settings SET clock_offset = clock_offset + interval '40 minutes'`
    await sql`TRUNCATE citus_stand_in.fault`
  } else {
    await sql`SELECT citus_rebalance_stop()`
    await finishRebalance(sql)
    await sql`
      UPDATE pg_dist_background_task SET status = 'error', message = 'ERROR: connection to the remote node failed'
      WHERE task_id = (SELECT max(task_id) FROM pg_dist_background_task)`
    await sql`UPDATE pg_dist_background_job SET state = 'failed'`
  }
  const [row] = await sql<{ state: string; at: Date }[]>`SELECT state, finished_at AS at FROM autoscaler.rebalance`
  assert.equal(row?.state, 'failed')
  return row.at
}

testFunctionsOnCluster('a rebalance that failed is tried again after its backoff', async (served) => {
  const { sql, isReal, post, arm, serveAt } = served
  if (!isReal) await sql`UPDATE citus_stand_in.settings SET seconds_per_move = 600`
  assert.equal((await post('rebalance')).reason, 'rebalancing')
  const failedAt = await failJob(served)
  let minutes = 4.9
  const later = await serveAt(() => new Date(failedAt.getTime() + minutes * 60_000))
  const held = await later.post('rebalance')
  assert.deepEqual([held.status, held.reason], [200, 'backing-off'])
  assert.match(held.message, /attempt 1 in a row.*connection to the remote node/)
  assert.equal(Date.parse(held.until ?? ''), failedAt.getTime() + 5 * 60_000)
  assert.equal((await later.post('scale-out')).reason, 'rebalance-pending')
  minutes = 5.1
  assert.equal((await later.post('rebalance')).reason, 'rebalancing')
  assert.ok(onlyRead(arm))
})

testFunctionsOnCluster(
  'an empty worker that no move would fill counts as settled for rebalance and scale-out',
  async ({ sql, worker, post, get }) => {
    const [coordinator, first] = await sql<{ name: string; port: number }[]>`
      SELECT nodename AS name, nodeport AS port FROM pg_dist_node ORDER BY nodeid`
    assert.ok(coordinator && first)
    await sql`DROP TABLE public.events`
    const place = async (names: string[], on: TestCluster['worker'], not: TestCluster['worker']) => {
      await mayHoldShards(sql, on, true)
      await mayHoldShards(sql, not, false)
      for (const name of names) {
        await sql.unsafe(`CREATE TABLE public.${name} (tenant_id int PRIMARY KEY)`)
        await sql`SELECT create_distributed_table(${name}, 'tenant_id', shard_count := 1, colocate_with := 'none')`
      }
    }
    await place(['large'], first, worker)
    await place(['events', 'notes', 'countries'], worker, first)
    // One shard group weighs ten times the others; a third worker is empty.
    const [large] = await sql`SELECT shardid FROM pg_dist_shard WHERE logicalrelid = 'public.large'::regclass`
    await addStrategy(
      sql,
      'by_weight',
      `RETURN CASE shardid WHEN ${large?.shardid} THEN 10 ELSE 1 END`,
      [0.1, 0.01, 0.5],
    )
    await mayHoldShards(sql, first, true)
    await mayHoldShards(sql, coordinator, true)
    assert.deepEqual(
      (await placements(sql)).map(({ groups }) => groups),
      [0, 1, 3],
    )
    assert.equal((await post('rebalance')).reason, 'balanced')
    assert.equal((await get('status')).next?.reason, 'scaling-out')
    assert.equal((await post('scale-out')).reason, 'scaling-out')
    await sql`DELETE FROM autoscaler.last_plan`
    assert.equal((await post('scale-out')).reason, 'operation-in-progress')
    assert.match((await get('status')).text, /"settled":true/)
  },
  // the coordinator now counts as a worker, and pg_cron may have recorded that
  { REBALANCE_STRATEGY: 'by_weight', SCALE_OUT_COOLDOWN_MINUTES: '0' },
)
