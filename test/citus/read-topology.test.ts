import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closeDatabase } from '../../src/citus/connection.ts'
import { readTopology, withPlan } from '../../src/citus/read-topology.ts'
import { startRebalance } from '../../src/citus/start-rebalance.ts'
import { databaseProxy } from '../functions/database-proxy.ts'
import { finishRebalance, mayHoldShards, testOnCluster } from './clusters.ts'
import { databaseOf } from './database-of.ts'
import { unbalanced } from './unbalanced.ts'

const strategy = 'by_shard_count'

testOnCluster('the topology shows which workers are empty', async ({ database, worker }) => {
  const topology = await readTopology(database, strategy)
  const empty = topology.workers.find(({ node }) => node === `${worker.name}:${worker.port}`)
  assert.equal(empty?.shardGroups, 0)
  assert.equal(topology.workers[0]?.shardGroups, 32)
  assert.equal(topology.usefulWorkers, 32)
  assert.equal(topology.rebalance, undefined)
  assert.equal(topology.isReadOnly, false)
  assert.deepEqual([topology.plan.reason, topology.plan.isKnown], ['empty-worker', false])
  assert.deepEqual([topology.history?.isStopped, topology.history?.lastRiseAt], [false, undefined])
})

testOnCluster('the plan is read once, and remembered until something changes', async (cluster) => {
  const { database, sql, worker } = cluster
  const read = () => readTopology(database, strategy)
  const asked = await withPlan(database, strategy, await read(), 10_000)
  assert.deepEqual([asked.topology.plan.reason, asked.topology.plan.moves, asked.warnings], ['moves', 16, []])
  const remembered = await read()
  assert.deepEqual([remembered.plan.isKnown, remembered.plan.moves], [true, 16])
  assert.equal((await readTopology(database, 'by_disk_size')).plan.isKnown, false)

  await mayHoldShards(sql, worker, false)
  assert.deepEqual([(await read()).plan.isKnown, (await read()).plan.reason], [false, 'settled'])
  await mayHoldShards(sql, worker, true)
  assert.equal((await read()).plan.isKnown, true)
  await startRebalance(database, { strategy, transferMode: 'block_writes' }, 0)
  await finishRebalance(sql)
  assert.equal((await read()).plan.isKnown, false)
  assert.equal((await withPlan(database, strategy, await read(), 10_000)).topology.plan.moves, 0)
})

testOnCluster('the tables of one colocation group share its shard groups', async ({ database, sql }) => {
  await sql`CREATE TABLE public.notes (tenant_id int, id int, PRIMARY KEY (tenant_id, id))`
  await sql`SELECT create_distributed_table('public.notes', 'tenant_id', colocate_with := 'public.events')`
  const { workers, usefulWorkers } = await readTopology(database, strategy)
  assert.equal(workers[0]?.shardGroups, 32)
  assert.equal(usefulWorkers, 32)
})

const single = ['public.notes', 'public.countries', 'public.events']

testOnCluster('several colocation groups of one shard group each are spread over all workers', async (cluster) => {
  const { database, sql, worker } = cluster
  await mayHoldShards(sql, worker, false)
  await sql`DROP TABLE public.events`
  for (const name of single) {
    await sql`CREATE TABLE ${sql(name)} (tenant_id int PRIMARY KEY)`
    await sql`SELECT create_distributed_table(${name}, 'tenant_id', shard_count := 1, colocate_with := 'none')`
  }
  await mayHoldShards(sql, worker, true)
  const before = await readTopology(database, strategy)
  assert.equal(before.usefulWorkers, 3)
  assert.ok(before.workers.some(({ shardGroups }) => shardGroups === 0))
  await startRebalance(database, { strategy, transferMode: 'block_writes' }, 0)
  await finishRebalance(sql)
  assert.ok((await readTopology(database, strategy)).workers.every(({ shardGroups }) => shardGroups > 0))
})

testOnCluster('the shards of a reference table count for no worker', async ({ database, sql, worker }) => {
  await sql`CREATE TABLE public.countries (code text PRIMARY KEY)`
  await sql`SELECT create_reference_table('public.countries')`
  const { workers, usefulWorkers } = await readTopology(database, strategy)
  assert.equal(workers.find(({ node }) => node === `${worker.name}:${worker.port}`)?.shardGroups, 0)
  assert.equal(usefulWorkers, 32)
})

testOnCluster('a node that may hold no shards is not a worker', async ({ database, sql, worker }) => {
  assert.equal((await readTopology(database, strategy)).nodes.length, 2)
  await mayHoldShards(sql, worker, false)
  const { workers, nodes } = await readTopology(database, strategy)
  assert.deepEqual([workers.length, nodes.length], [1, 2])
})

testOnCluster('lastRiseAt is the last rise in worker_count', async ({ database, sql }) => {
  await sql`DELETE FROM public.worker_count`
  const riseOf = async () => (await readTopology(database, strategy)).history?.lastRiseAt
  await sql`
    INSERT INTO public.worker_count (created_at, count) VALUES
      (now() - interval '3 days', 1), (now() - interval '2 days', 2), (now() - interval '90 minutes', 2)`
  assert.equal(await riseOf(), undefined)
  await sql`
    INSERT INTO public.worker_count (created_at, count) VALUES
      (date_trunc('minute', now()) - interval '80 minutes', 3), (now() - interval '70 minutes', 3), (now() - interval '60 minutes', 2)`
  const [row] = await sql<
    { at: Date }[]
  >`SELECT created_at AS at FROM public.worker_count WHERE count = 3 ORDER BY id LIMIT 1`
  assert.deepEqual(await riseOf(), row?.at)
})

testOnCluster('a URL of a worker: citus-refused', async ({ url, sql, isReal, worker }) => {
  const workerUrl = new URL(url)
  if (isReal) workerUrl.host = `${worker.name}:${worker.port}`
  else await sql`UPDATE citus_stand_in.settings SET is_coordinator = false`
  await assert.rejects(readTopology(databaseOf(workerUrl.href), strategy), {
    reason: 'citus-refused',
    message: isReal ? /sql\/01-autoscaler\.sql/ : /leads to a worker, not to the coordinator/,
  })
})

test('saving the strategy and planning share one time limit', async (t) => {
  const { url } = await unbalanced(t)
  t.after(closeDatabase)
  let isSlow = false
  const proxy = await databaseProxy(t, url, (client, upstream) => {
    upstream.pipe(client)
    client.on('data', (chunk) => void setTimeout(() => upstream.write(chunk), isSlow ? 900 : 0))
  })
  const database = databaseOf(proxy)
  const topology = await readTopology(database, 'by_disk_size')
  isSlow = true
  // Long enough for one of the two, not for both.
  const { warnings } = await withPlan(database, 'by_disk_size', topology, 1_200)
  assert.match(warnings.join(), /What Citus plans is not known.*no answer within/)
})
