import assert from 'node:assert/strict'
import { finishRebalance, mayHoldShards, recordWorkers } from '../citus/clusters.ts'
import { holdMoves } from '../citus/hold-moves.ts'
import { hoursFromNow, onlyRead, testFunctionsOnCluster, type ServedCluster } from './on-cluster.ts'

/** Starts a rebalance and stops it as a person would. */
async function stopRebalance(served: ServedCluster, t: Parameters<typeof holdMoves>[1]): Promise<void> {
  const { sql, post } = served
  const release = await holdMoves(served, t)
  assert.equal((await post('rebalance')).reason, 'rebalancing')
  await sql`SELECT citus_rebalance_stop()`
  if (served.isReal) await release()
  await finishRebalance(sql)
}

const jobsOf = async ({ sql }: ServedCluster) => (await sql`SELECT FROM pg_dist_background_job`).length

testFunctionsOnCluster('after a person stopped a rebalance both functions hold for a day', async (served, t) => {
  const { post, get, arm, serveAt } = served
  await stopRebalance(served, t)
  for (const path of ['rebalance', 'scale-out', 'rebalance', 'scale-out']) {
    const answer = await post(path)
    assert.deepEqual([answer.status, answer.outcome, answer.reason], [200, 'held', 'rebalance-cancelled'], path)
    const hours = (Date.parse(answer.until ?? '') - Date.now()) / 3_600_000
    assert.ok(hours > 23.9 && hours <= 24, answer.until)
    assert.match(answer.message, /citus_rebalance_start\(\)/)
  }
  assert.equal((await get('status')).next?.reason, 'rebalance-cancelled')
  assert.ok(onlyRead(arm))
  assert.equal(await jobsOf(served), 1)

  const tomorrow = await serveAt(hoursFromNow(24.1))
  assert.equal((await tomorrow.post('scale-out')).reason, 'rebalance-pending')
  assert.equal((await tomorrow.post('rebalance')).reason, 'rebalancing')
})

testFunctionsOnCluster(
  'after a person stopped a rebalance a new worker in the catalogue allows the next one',
  async (served, t) => {
    const { sql, worker, post } = served
    await stopRebalance(served, t)
    await mayHoldShards(sql, worker, false)
    await recordWorkers(sql)
    await mayHoldShards(sql, worker, true)
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
    await recordWorkers(sql)
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
    assert.equal((await post('rebalance')).reason, 'rebalancing')
    assert.equal(await jobsOf(served), 2)
  },
  { SCALE_OUT_COOLDOWN_MINUTES: '0' },
)

testFunctionsOnCluster('after a person stopped a rebalance a person can start the next one', async (served, t) => {
  const { sql, post } = served
  await stopRebalance(served, t)
  const release = await holdMoves(served, t)
  await sql`SELECT citus_rebalance_start(rebalance_strategy := 'by_shard_count', shard_transfer_mode := 'block_writes')`
  assert.equal((await post('rebalance')).reason, 'rebalance-running')
  assert.equal((await post('scale-out')).reason, 'rebalance-pending')
  await release()
  await finishRebalance(sql)
  assert.equal((await post('rebalance')).reason, 'balanced')
})
