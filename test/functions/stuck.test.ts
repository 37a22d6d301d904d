import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { finishRebalance, type TestCluster } from '../citus/clusters.ts'
import { holdMoves } from '../citus/hold-moves.ts'
import { connect } from '../database.ts'
import { until } from '../until.ts'
import { testFunctionsOnCluster } from './on-cluster.ts'

/**
 * Leaves Citus no background worker to start a job: on a real Citus, a query takes all of the server's worker processes. Resolves with a
 * function that frees them.
 */
async function takeWorkerProcesses({ url, sql, isReal }: TestCluster, t: TestContext): Promise<() => Promise<void>> {
  if (!isReal) return () => Promise.resolve()
  const blocker = connect(url, { max: 1 })
  t.after(() => blocker.end())
  // Each process takes a block and sleeps at its first row.
  await blocker.unsafe(`
    CREATE TABLE public.large (filler text);
    ALTER TABLE public.large ALTER filler SET STORAGE plain, SET (parallel_workers = 200);
    INSERT INTO public.large SELECT repeat('x', 7000) FROM generate_series(1, 400);
    SET max_parallel_workers = 1000; SET max_parallel_workers_per_gather = 1000; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
    SET min_parallel_table_scan_size = 0; SET statement_timeout = '60s'`)
  const [{ pid } = { pid: 0 }] = await blocker<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
  const blockingQuery = blocker`SELECT count(*) FROM public.large WHERE pg_sleep(100) IS NULL`.catch(() => undefined) // it gets cancelled
  await until('all worker processes are taken', async () => {
    const [row] = await sql`SELECT wait_event = 'PgSleep' AS begun FROM pg_stat_activity WHERE pid = ${pid}`
    return row?.begun === true
  })
  const free = async () => {
    await sql`SELECT pg_cancel_backend(${pid}::int)`
    await blockingQuery
  }
  t.after(free)
  return free
}

testFunctionsOnCluster('a job that does not start is stuck with the cause no-worker-process', async (served, t) => {
  const { sql, isReal, post, get } = served
  const free = await takeWorkerProcesses(served, t)
  const { job } = await post('rebalance')
  if (!isReal) await sql`UPDATE citus_stand_in.task SET starts_at = 'infinity', ends_at = 'infinity'`
  // Citus needs up to 15 seconds to notice a new job.
  assert.match((await get('status')).text, /"stuck":false/)
  await sql`UPDATE autoscaler.last_start SET started_at = started_at - interval '16 s', ended_at = ended_at - interval '16 s'`
  const { text, next, warnings } = await get('status')
  assert.match(text, new RegExp(`"job":${job},.*"stuck":true,"cause":"no-worker-process"`))
  assert.match(warnings?.join() ?? '', /is stuck \(no-worker-process\)/)
  assert.equal(next?.reason, 'rebalance-pending')
  const running = await post('rebalance')
  assert.deepEqual([running.reason, running.job], ['rebalance-running', job])
  assert.match(running.message, /stuck \(no-worker-process\)/)
  await free()
  if (!isReal) return
  await finishRebalance(sql)
  assert.match((await get('status')).text, /"state":"finished".*"stuck":false/)
})

testFunctionsOnCluster('a move that waits for a lock is stuck, and the holder is named', async (served, t) => {
  const { sql, isReal, post, get } = served
  if (!isReal) return t.skip('the stand-in moves no data, so it waits for no lock')
  const release = await holdMoves(served, t)
  const [{ user } = { user: '' }] = await sql<{ user: string }[]>`SELECT current_user AS user`
  const { job } = await post('rebalance')
  const status = await until('the move waits', async () => {
    const { text } = await get('status')
    return text.includes('"stuck":true') && text
  })
  assert.match(
    status,
    new RegExp(`"job":${job},.*"cause":"lock".*"waitingFor":"${user} \\(pid \\d+, .*idle in transaction`),
  )
  assert.match((await post('rebalance')).message, new RegExp(`stuck \\(lock\\): ${user} \\(pid \\d+`))
  await release()
  await finishRebalance(sql)
  assert.equal((await post('rebalance')).reason, 'balanced')
})
