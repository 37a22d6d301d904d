import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { finishRebalance, testOnCluster, type TestCluster } from '../citus/clusters.ts'
import { cancelWaiting, openTransaction } from '../citus/hold-moves.ts'
import { poolServers } from '../citus/pool.ts'
import { shrink } from '../citus/real-pool.ts'
import { slowProxy } from '../functions/database-proxy.ts'
import { forEachAppSideBySide, type App, type Answered } from '../functions/serve.ts'
import { until } from '../until.ts'

/** The cluster with its shards spread and a pool of one server, and the functions that reach it by this URL. */
async function withPool({ url, sql, isReal }: TestCluster, t: TestContext, { serve }: App, appUrl = url) {
  let address = process.env.CITUS_WORKER_POOL?.split(',')[0] ?? ''
  if (isReal) t.after(() => shrink(sql, url, address))
  else [address = ''] = await poolServers(t, url, 1)
  const served = await serve(t, {
    CLUSTER_KIND: 'citus',
    CLUSTER_NAME: 'demo',
    PG_CONNECTION_URL: appUrl,
    CITUS_WORKER_POOL: address,
  })
  assert.equal((await served.post('rebalance')).reason, 'rebalancing')
  await finishRebalance(sql)
  const workers = async () => (await sql`SELECT FROM pg_dist_node WHERE groupid <> 0`).length
  return { ...served, address, workers }
}

async function timed(ask: Promise<Answered>): Promise<Answered> {
  const began = performance.now()
  const answer = await ask
  assert.ok(performance.now() - began < 25_000, answer.reason)
  return answer
}

/** Locks the list of nodes, so that adding one waits. */
const holdNodes = ({ sql }: TestCluster, t: TestContext) =>
  openTransaction(sql, t, 'LOCK TABLE pg_catalog.pg_dist_node IN EXCLUSIVE MODE')

forEachAppSideBySide((app) => {
  testOnCluster('adding a server takes longer than an answer may: it is added once', async (cluster, t) => {
    const { post, address, workers, get } = await withPool(cluster, t, app)
    const release = await holdNodes(cluster, t)
    const first = timed(post('scale-out'))
    await until('the server is being added', async () => {
      const [row] = await cluster.sql`SELECT autoscaler.is_under_way('add-worker') AS adding`
      return row?.adding === true
    })
    const meanwhile = await Promise.all(Array.from({ length: 10 }, () => timed(post('scale-out'))))
    assert.deepEqual(
      [...new Set(meanwhile.map(({ status, reason }) => `${status} ${reason}`))],
      ['200 operation-in-progress'],
    )
    const answer = await first
    assert.deepEqual([answer.status, answer.reason, answer.added], [202, 'scaling-out', undefined], answer.message)
    assert.equal((await get('status')).next?.reason, 'operation-in-progress')
    assert.equal(await workers(), 2)
    await release()
    await until('the server is a worker', async () => (await workers()) === 3)
    const next = await until('adding has ended', async () => {
      const after = await timed(post('scale-out'))
      return after.reason !== 'operation-in-progress' && after
    })
    assert.ok(['rebalance-pending', 'cooling-down'].includes(next.reason), next.reason)
    assert.match((await get('status')).text, new RegExp(`"node":"${address}"`))
    assert.equal(await workers(), 3)
  })

  testOnCluster(
    'adding a server fails after the answer: the next requests are backing-off with the error',
    async (cluster, t) => {
      const proxy = await slowProxy(t, cluster.url, 1_500)
      const { post, get, address, workers } = await withPool(cluster, t, app, proxy.url)
      const release = await holdNodes(cluster, t)
      proxy.setSlow(true) // the start has a separate connection and so begins late; its error must not be lost
      const first = await timed(post('scale-out'))
      proxy.setSlow(false)
      assert.deepEqual([first.status, first.reason, first.added], [202, 'scaling-out', undefined], first.message)
      await cancelWaiting(cluster.sql, 'add_worker')
      let last = ''
      const failed = await until(
        () => `adding has failed; the last answer: ${last}`,
        async () => {
          const answer = await timed(post('scale-out'))
          last = answer.text
          return answer.reason === 'backing-off' && answer
        },
      )
      assert.match(failed.message, new RegExp(`attempt 1 in a row.*${address}: SQLSTATE 57014`))
      assert.equal((await get('status')).next?.reason, 'backing-off')
      await release()
      assert.equal(await workers(), 2)
    },
  )

  testOnCluster(
    'with citus.metadata_sync_mode nontransactional a server is added outside a transaction',
    async (cluster, t) => {
      const { sql, url } = cluster
      const name = new URL(url).pathname.slice(1)
      await sql.unsafe(`ALTER DATABASE ${name} SET citus.metadata_sync_mode = 'nontransactional'`)
      t.after(() => sql.unsafe(`ALTER DATABASE ${name} RESET citus.metadata_sync_mode`))
      const { post, address, workers } = await withPool(cluster, t, app)
      const lock = await openTransaction(sql, t, "SELECT pg_advisory_xact_lock(autoscaler.lock_key('add-worker'))")
      assert.equal((await post('scale-out')).reason, 'operation-in-progress')
      await lock()
      const grown = await post('scale-out')
      assert.deepEqual([grown.status, grown.reason, grown.added], [202, 'scaling-out', [address]], grown.message)
      assert.equal(await workers(), 3)
      assert.ok(['rebalance-pending', 'cooling-down'].includes((await post('scale-out')).reason))
    },
  )
})
