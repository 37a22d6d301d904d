import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { finishRebalance, testOnCluster, type TestCluster } from '../citus/clusters.ts'
import { cancelWaiting, holdMoves, openTransaction } from '../citus/hold-moves.ts'
import { addStrategy } from '../citus/strategies.ts'
import { until } from '../until.ts'
import { acceptedDeployments, withArm } from './arm.ts'
import { testFunctionsOnCluster } from './on-cluster.ts'
import { forEachApp, type Answered } from './serve.ts'
import { slowProxy } from './database-proxy.ts'

/** Longer than any answer may take: Grafana gives up after 30 s. */
const longestAnswer = 25_000

/** Adds a strategy whose planning lasts until the returned function is called. */
async function slowPlanning({ sql }: TestCluster, t: TestContext): Promise<() => Promise<void>> {
  await addStrategy(sql, 'slow', 'PERFORM pg_advisory_xact_lock_shared(77); RETURN 1')
  return openTransaction(sql, t, 'SELECT pg_advisory_xact_lock(77)')
}

const isUnderWay = ({ sql }: TestCluster) =>
  until('the start is under way', async () => {
    const [row] = await sql`SELECT autoscaler.is_under_way('rebalance') AS starting`
    return row?.starting === true
  })

async function timed(ask: Promise<Answered>): Promise<Answered> {
  const began = performance.now()
  const answer = await ask
  const took = performance.now() - began
  assert.ok(took < longestAnswer, `${answer.reason} took ${took} ms`)
  return answer
}

const settings = { REBALANCE_STRATEGY: 'slow' }

testFunctionsOnCluster(
  'planning that takes longer than an answer may: one job, and requests during it are answered rebalance-running or -pending',
  async (served, t) => {
    const { sql, post, get, arm, serveAt } = served
    const jobs = async () => (await sql`SELECT FROM pg_dist_background_job`).length
    const endPlanning = await slowPlanning(served, t)
    const releaseMoves = await holdMoves(served, t)
    const first = timed(post('rebalance'))
    await isUnderWay(served)
    const other = await serveAt(() => new Date())
    const meanwhile = await Promise.all([
      ...Array.from({ length: 5 }, (_, index) => timed((index % 2 ? post : other.post)('rebalance'))),
      ...Array.from({ length: 5 }, (_, index) => timed((index % 2 ? post : other.post)('scale-out'))),
    ])
    assert.deepEqual(
      meanwhile.map(({ status, reason }) => `${status} ${reason}`),
      [...Array<string>(5).fill('200 rebalance-running'), ...Array<string>(5).fill('200 rebalance-pending')],
    )
    assert.match((await get('status')).message, /rebalance-pending.*being planned/)
    const answer = await first
    assert.deepEqual([answer.status, answer.reason, answer.job], [202, 'rebalancing', undefined])
    assert.equal(await jobs(), 0)
    assert.equal((await timed(post('rebalance'))).reason, 'rebalance-running')
    await endPlanning()
    await until('the rebalance has a job', async () => (await jobs()) > 0)
    const after = await post('rebalance')
    assert.deepEqual([after.reason, typeof after.job], ['rebalance-running', 'number'])
    await releaseMoves()
    await finishRebalance(sql)
    assert.equal(await jobs(), 1)
    assert.equal((await post('rebalance')).reason, 'balanced')
    assert.equal(acceptedDeployments(arm), 0)
  },
  settings,
)

forEachApp(({ serve }) =>
  testOnCluster(
    'planning that fails after the answer: the next requests are backing-off with the error',
    async (cluster, t) => {
      const { sql } = cluster
      const { settings: common } = await withArm(t)
      const proxy = await slowProxy(t, cluster.url, 1_500)
      const { post, get } = await serve(t, { ...common, ...settings, PG_CONNECTION_URL: proxy.url })
      const endPlanning = await slowPlanning(cluster, t)
      await get('status') // later reads use its connection
      proxy.setSlow(true) // the start has a separate connection and so begins late; its error must not be lost
      const first = await timed(post('rebalance'))
      proxy.setSlow(false)
      assert.deepEqual([first.status, first.reason, first.job], [202, 'rebalancing', undefined], first.message)
      await cancelWaiting(sql, 'start_rebalance')
      let last = ''
      const failed = await until(
        () => `the rebalance has failed; the last answer: ${last}`,
        async () => {
          const answer = await timed(post('rebalance'))
          last = answer.text
          return answer.reason === 'backing-off' && answer
        },
      )
      assert.match(failed.message, /attempt 1 in a row.*SQLSTATE 57014/)
      const minutes = (Date.parse(failed.until ?? '') - Date.now()) / 60_000
      assert.ok(minutes > 4.5 && minutes <= 5, failed.until)
      // The plan is unknown, but an empty worker shows that a rebalance is needed.
      const scaleOut = await timed(post('scale-out'))
      assert.equal(scaleOut.reason, 'rebalance-pending')
      assert.match(scaleOut.warnings?.join() ?? '', /What Citus plans is not known/)
      assert.match((await get('status')).text, /"failedStart":\{.*57014/)
      await endPlanning()
    },
  ),
)
