import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finishRebalance, mayHoldShards } from '../citus/clusters.ts'
import { balanced } from '../citus/unbalanced.ts'
import { testFunctionsOnCluster } from './on-cluster.ts'
import { completeSettings, forEachApp } from './serve.ts'

testFunctionsOnCluster('a worker that a person took out of service is not drained', async (served) => {
  const { sql, worker, post, arm } = served
  assert.equal((await post('rebalance')).reason, 'rebalancing')
  await finishRebalance(sql)
  await mayHoldShards(sql, worker, false)
  const jobs = async () => (await sql`SELECT FROM pg_dist_background_job`).length
  const before = await jobs()
  for (const time of [1, 2]) {
    const answer = await post('rebalance')
    assert.deepEqual([answer.status, answer.reason], [200, 'balanced'], `${time}: ${answer.message}`)
  }
  assert.equal(await jobs(), before)
  // The cluster counts as settled, so it may grow.
  assert.equal((await post('scale-out')).reason, 'scaling-out')
  assert.equal(arm.requests.filter(({ method }) => method === 'PUT').length, 1)
})

forEachApp(({ serve }) => {
  test('a rebalance with other moves also drains a worker out of service, and a warning says so', async (t) => {
    const { url, sql } = await balanced(t)
    await sql`SELECT citus_add_node(name, 5432) FROM unnest(ARRAY['worker-3', 'worker-4']) name`
    await mayHoldShards(sql, { name: 'worker-2', port: 5432 }, false)
    const dry = await serve(t, { ...completeSettings, PG_CONNECTION_URL: url, REBALANCE_MODE: 'dry-run' })
    const { post } = await serve(t, { ...completeSettings, PG_CONNECTION_URL: url })
    for (const answer of [await dry.post('rebalance'), await post('rebalance')]) {
      assert.ok(['dry-run', 'rebalancing'].includes(answer.reason), answer.message)
      assert.match(answer.warnings?.join() ?? '', /moves all shards off worker-2:5432.*out of service/)
    }
  })
})
