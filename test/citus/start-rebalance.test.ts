import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closeDatabase } from '../../src/citus/connection.ts'
import { readTopology } from '../../src/citus/read-topology.ts'
import { startRebalance } from '../../src/citus/start-rebalance.ts'
import { finishRebalance, testOnCluster } from './clusters.ts'
import { databaseOf } from './database-of.ts'
import { unbalanced } from './unbalanced.ts'

const options = { strategy: 'by_shard_count', transferMode: 'block_writes' } as const

testOnCluster('a rebalance starts once; after it the cluster is balanced', async ({ database, sql }) => {
  const started = await startRebalance(database, options, 0)
  assert.ok(started.kind === 'started')
  assert.equal(started.moves, 16)
  assert.deepEqual(await startRebalance(database, options, started.job), { kind: 'running', job: started.job })
  const { rebalance, plan } = await readTopology(database, options.strategy)
  assert.deepEqual([rebalance?.job, rebalance?.isUnfinished, rebalance?.finishedAt], [started.job, true, undefined])
  assert.deepEqual([rebalance?.isStuck, rebalance?.tasksTotal, plan.reason], [false, 16, 'running'])

  await finishRebalance(sql)
  const after = await readTopology(database, options.strategy)
  assert.deepEqual([after.rebalance?.state, after.rebalance?.tasksDone], ['finished', 16])
  assert.ok(after.workers.every(({ shardGroups }) => shardGroups > 0))
  assert.deepEqual(await startRebalance(database, options, started.job), { kind: 'balanced' })
})

testOnCluster('eight starts at once make one job', async ({ database, sql }) => {
  const results = await Promise.all(Array.from({ length: 8 }, () => startRebalance(database, options, 0)))
  const kinds = results.map(({ kind }) => kind).sort()
  assert.deepEqual(kinds, [...Array.from({ length: 7 }, () => 'running'), 'started'])
  assert.equal(new Set(results.map((result) => ('job' in result ? result.job : 0))).size, 1)
  await finishRebalance(sql)
})

testOnCluster('two instances at once make one job', async ({ url, sql }) => {
  const jobs = async () => (await sql`SELECT FROM pg_dist_background_job`).length
  // Each with another Database, so that they share nothing: only the lock in PostgreSQL keeps the second start out.
  const results = await Promise.all([0, 1].map(() => startRebalance(databaseOf(url), options, 0)))
  assert.deepEqual(results.map(({ kind }) => kind).sort(), ['running', 'started'])
  assert.equal(await jobs(), 1)
  await finishRebalance(sql)
})

testOnCluster('a strategy that Citus does not know is refused with its message', async ({ database }) => {
  await assert.rejects(startRebalance(database, { ...options, strategy: 'no_such_strategy' }, 0), {
    reason: 'citus-refused',
    message: /asked to start a rebalance, answered SQLSTATE \w{5}: .*no_such_strategy/,
  })
})

testOnCluster('a role without rights is refused, and the file that grants them is named', async ({ url, sql }) => {
  const role = 'autoscaler_test_guest'
  await sql.unsafe(`DROP ROLE IF EXISTS ${role}; CREATE ROLE ${role} LOGIN PASSWORD 'guest-word'`)
  try {
    const guest = databaseOf(Object.assign(new URL(url), { username: role, password: 'guest-word' }).href)
    const refused = { reason: 'citus-refused', code: '42501', message: /sql\/02-roles\.sql/ }
    await assert.rejects(startRebalance(guest, options, 0), refused)
    await assert.rejects(readTopology(guest, options.strategy), refused)
  } finally {
    await closeDatabase()
    await sql.unsafe(`DROP ROLE ${role}`)
  }
})

test('a start that finds the job of another start answers running', async (t) => {
  t.after(closeDatabase)
  const { url } = await unbalanced(t)
  const started = await startRebalance(databaseOf(url), options, 0)
  assert.ok(started.kind === 'started')
  assert.deepEqual(await startRebalance(databaseOf(url), options, 0), { kind: 'running', job: started.job })
})
