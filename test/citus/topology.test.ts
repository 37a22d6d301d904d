import assert from 'node:assert/strict'
import { rebalance } from '../../src/citus/rebalance.ts'
import { readTopology } from '../../src/citus/topology.ts'
import { finishRebalance, testOnCluster } from './clusters.ts'

testOnCluster('the topology tells which workers are empty', async ({ url, worker }) => {
  const topology = await readTopology(url, false)
  const empty = topology.workers.find(({ node }) => node === `${worker.name}:${worker.port}`)
  assert.equal(empty?.shardGroups, 0)
  assert.equal(topology.workers[0]?.shardGroups, 32)
  assert.equal(topology.usefulWorkers, 32)
  assert.equal(topology.rebalance, undefined)
  assert.equal(topology.workersChangedAt, undefined)
})

testOnCluster('the tables of one colocation group share its shard groups', async ({ url, sql }) => {
  await sql`CREATE TABLE public.notes (tenant_id int, id int, PRIMARY KEY (tenant_id, id))`
  await sql`SELECT create_distributed_table('public.notes', 'tenant_id', colocate_with := 'public.events')`
  const { workers, usefulWorkers } = await readTopology(url, false)
  assert.equal(workers[0]?.shardGroups, 32)
  assert.equal(usefulWorkers, 32)
})

const single = ['public.notes', 'public.countries', 'public.events']

testOnCluster('colocation groups with fewer shard groups than workers are spread as one', async (cluster) => {
  const { url, sql, worker } = cluster
  const may = (holdShards: boolean) =>
    sql`SELECT citus_set_node_property(${worker.name}, ${worker.port}, 'shouldhaveshards', ${holdShards})`
  await may(false)
  await sql`DROP TABLE public.events`
  for (const name of single) {
    await sql`CREATE TABLE ${sql(name)} (tenant_id int PRIMARY KEY)`
    await sql`SELECT create_distributed_table(${name}, 'tenant_id', shard_count := 1, colocate_with := 'none')`
  }
  await may(true)
  const before = await readTopology(url, false)
  assert.equal(before.usefulWorkers, 3)
  assert.ok(before.workers.some(({ shardGroups }) => shardGroups === 0))
  await rebalance(url, { strategy: 'by_shard_count', transferMode: 'block_writes', dryRun: false })
  await finishRebalance(sql)
  assert.ok((await readTopology(url, false)).workers.every(({ shardGroups }) => shardGroups > 0))
})

testOnCluster('a reference table is on every worker and counts for none', async ({ url, sql, worker }) => {
  await sql`CREATE TABLE public.countries (code text PRIMARY KEY)`
  await sql`SELECT create_reference_table('public.countries')`
  const { workers, usefulWorkers } = await readTopology(url, false)
  assert.equal(workers.find(({ node }) => node === `${worker.name}:${worker.port}`)?.shardGroups, 0)
  assert.equal(usefulWorkers, 32)
})

testOnCluster('a coordinator that holds no shards is no worker, whoever asks', async ({ url, sql }) => {
  const [row] = await sql<{ workers: number }[]>`
    SELECT count(*)::int AS workers FROM pg_dist_node WHERE groupid <> 0 AND isactive AND shouldhaveshards`
  assert.equal((await readTopology(url, false)).workers.length, row?.workers)
  assert.equal((await readTopology(url, true)).workers.length, row?.workers)
})

testOnCluster('worker_count tells when the number of workers changed last', async ({ url, sql }) => {
  await sql`
    CREATE TABLE public.worker_count (id bigserial PRIMARY KEY, created_at timestamptz NOT NULL, count int NOT NULL)`
  assert.equal((await readTopology(url, false)).workersChangedAt, undefined)
  await sql`
    INSERT INTO public.worker_count (created_at, count) VALUES
      (now() - interval '3 days', 2), (now() - interval '2 days', 3), (now() - interval '90 minutes', 3),
      (date_trunc('minute', now()) - interval '60 minutes', 4), (now() - interval '5 minutes', 4)`
  const [row] = await sql<{ changed_at: Date }[]>`
    SELECT created_at AS changed_at FROM public.worker_count WHERE count = 4 ORDER BY id LIMIT 1`
  assert.deepEqual((await readTopology(url, false)).workersChangedAt, row?.changed_at)
})
