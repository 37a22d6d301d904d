import assert from 'node:assert/strict'
import { askApart } from '../../src/citus/connection.ts'
import { readRebalanceStatus } from '../../src/citus/rebalance-status.ts'
import { rebalance } from '../../src/citus/rebalance.ts'
import { startRebalance } from '../../src/citus/start-rebalance.ts'
import { readTopology } from '../../src/citus/topology.ts'
import { UpstreamError } from '../../src/upstream-error.ts'
import { finishRebalance, testOnCluster } from './clusters.ts'

const options = { strategy: 'by_shard_count', transferMode: 'block_writes', dryRun: false } as const

async function refusal(work: Promise<unknown>): Promise<UpstreamError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof UpstreamError, `not refused: ${String(error)}`)
  return error
}

testOnCluster('a rebalance starts once, runs, and leaves nothing to move', async ({ url, sql }) => {
  const planned = await rebalance(url, { ...options, dryRun: true })
  assert.ok(planned.kind === 'planned' && planned.moves > 0)

  const started = await rebalance(url, options)
  assert.ok(started.kind === 'started')
  assert.equal(started.moves, planned.moves)
  assert.deepEqual(started.notices, [`Scheduled ${planned.moves} moves as job ${started.job}`])

  assert.deepEqual(await rebalance(url, options), { kind: 'running', job: started.job, warnings: [] })
  assert.equal((await readTopology(url, false)).rebalance?.job, started.job)
  const status = await readRebalanceStatus(url)
  assert.deepEqual([status?.job, status?.finishedAt], [started.job, null])
  for (const { retries, nextTryAt } of status?.unfinished ?? []) assert.deepEqual([retries, nextTryAt], [0, null])

  await finishRebalance(sql)
  assert.deepEqual((await readRebalanceStatus(url))?.state, 'finished')
  const { workers } = await readTopology(url, false)
  assert.ok(workers.every(({ shardGroups }) => shardGroups > 0))
  const again = await rebalance(url, options)
  assert.deepEqual(
    [again.kind, 'notices' in again && again.notices],
    ['balanced', ['No moves available for rebalancing']],
  )
  assert.equal((await rebalance(url, { ...options, dryRun: true })).kind, 'balanced')
})

testOnCluster('two at once make one job', async ({ url, sql }) => {
  const results = await Promise.all(Array.from({ length: 8 }, () => rebalance(url, options)))
  const kinds = results.map(({ kind }) => kind).sort()
  assert.deepEqual(kinds, [...Array.from({ length: 7 }, () => 'running'), 'started'])
  const jobs = new Set(results.map((result) => ('job' in result ? result.job : 0)))
  assert.equal(jobs.size, 1)
  await finishRebalance(sql)
})

testOnCluster('two instances at once make one job', async ({ url, sql }) => {
  const jobs = async () => (await sql`SELECT FROM pg_dist_background_job`).length
  const before = await jobs()
  // What an instance does that has seen no job run: the second start meets the first in the engine.
  const start = () =>
    askApart(url, 'start', 10_000, (own, notices) => startRebalance(own, notices, options)).catch(
      (error: unknown) => error,
    )
  const [first, second] = await Promise.all([start(), start()])
  const [refused, started] = first instanceof UpstreamError ? [first, second] : [second, first]
  assert.ok(refused instanceof UpstreamError && !(started instanceof UpstreamError))
  // A transaction's locks are let go of one by one: the second may have ours while the first still has one of Citus's.
  assert.match(refused.message, /already running as job \d+|could not acquire the lock required to rebalance/)
  assert.equal(await jobs(), before + 1)
  await finishRebalance(sql)
})

testOnCluster('a strategy that Citus does not know is refused with its message', async ({ url }) => {
  const error = await refusal(rebalance(url, { ...options, strategy: 'by_the_moon' }))
  assert.equal(error.reason, 'citus-refused')
  assert.match(error.message, /asked to start a rebalance, answered SQLSTATE \w{5}: .*by_the_moon/)
})

testOnCluster('auto is refused beforehand when a table has no replica identity', async ({ url, sql }) => {
  await sql`CREATE TABLE public.notes (tenant_id int)`
  await sql`SELECT create_distributed_table('public.notes', 'tenant_id')`
  const error = await refusal(rebalance(url, { ...options, transferMode: 'auto' }))
  assert.equal(error.reason, 'citus-refused')
  assert.match(error.message, /primary key or replica identity on (public\.)?notes/)
  assert.equal(await readRebalanceStatus(url).then((status) => status?.finishedAt === null), false)
})

testOnCluster('on a worker nothing is started', async ({ url, sql, isReal, worker }) => {
  const workerUrl = new URL(url)
  if (isReal) workerUrl.host = `${worker.name}:${worker.port}`
  else await sql`UPDATE citus_stand_in.settings SET is_coordinator = false`
  const error = await refusal(rebalance(workerUrl.href, options))
  assert.equal(error.reason, 'citus-refused')
  assert.match(error.message, /leads to a worker, not to the coordinator/)
})

testOnCluster('a role that owns nothing is refused', async ({ url, sql }) => {
  const role = 'autoscaler_test_guest'
  await sql.unsafe(`DROP ROLE IF EXISTS ${role}; CREATE ROLE ${role} LOGIN PASSWORD 'guest-word'`)
  try {
    const guest = Object.assign(new URL(url), { username: role, password: 'guest-word' })
    const error = await refusal(rebalance(guest.href, options))
    assert.deepEqual([error.reason, error.code], ['citus-refused', '42501'])
    assert.match(error.message, /must be owner of table (public\.)?events/)
  } finally {
    await sql.unsafe(`DROP ROLE ${role}`)
  }
})
