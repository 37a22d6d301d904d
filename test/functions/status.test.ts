import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { finishRebalance, recordWorkers } from '../citus/clusters.ts'
import { balanced, unbalanced } from '../citus/unbalanced.ts'
import { acceptedDeployments, withArm } from './arm.ts'
import { onlyRead, testFunctionsOnCluster } from './on-cluster.ts'
import { completeSettings, forEachApp } from './serve.ts'

const time = z.iso.datetime()
// The contract's fields, and no others.
const entrySchema = z.strictObject({
  kind: z.enum(['scale-out', 'rebalance']),
  startedAt: time.optional(),
  endedAt: time.optional(),
  from: z.number().optional(),
  to: z.number().optional(),
  moves: z.number().optional(),
  seconds: z.strictObject({ provision: z.number().optional(), move: z.number().optional() }).optional(),
  askedBy: z.string().optional(),
  ended: z.enum(['succeeded', 'failed', 'cancelled', 'running']),
  error: z.string().optional(),
})
const statusSchema = z.looseObject({
  outcome: z.literal('reported'),
  reason: z.literal('status'),
  cluster: z.looseObject({
    workers: z.number().nullable(),
    nodes: z.array(z.strictObject({ node: z.string(), shardGroups: z.number() })).nullable(),
  }),
  rebalance: z.looseObject({}).nullable(),
  lastScaleOut: z.looseObject({ kind: z.string() }).nullable(),
  history: z.array(entrySchema).max(20),
  warnings: z.array(z.string()),
})
const parsed = ({ text }: { text: string }) => statusSchema.parse(JSON.parse(text))

forEachApp(({ serve }) => {
  test('status reports what a scale-out would answer, starts nothing, and logs reported, status', async (t) => {
    const { url } = await balanced(t)
    const { arm, settings } = await withArm(t)
    const { get, log } = await serve(t, { ...settings, PG_CONNECTION_URL: url })
    const status = await get('status')
    assert.deepEqual([status.status, status.outcome, status.reason], [200, 'reported', 'status'])
    assert.deepEqual([status.next?.outcome, status.next?.reason], ['started', 'scaling-out'])
    assert.deepEqual(status.next?.workers, { from: 2, to: 3 })
    const { cluster, history, warnings } = parsed(status)
    assert.deepEqual(
      cluster.nodes?.map(({ shardGroups }) => shardGroups),
      [16, 16],
    )
    assert.deepEqual([history, warnings], [[], []])
    assert.ok(onlyRead(arm))
    const [line = ''] = await log()
    assert.match(line, /"outcome":"reported","reason":"status"/)
  })

  test('status has the last scale-out and the history: sizes, reason, times and durations', async (t) => {
    const { url, sql } = await balanced(t)
    const { arm, settings } = await withArm(t, { provisioningSeconds: 0 })
    const { post, get } = await serve(t, { ...settings, PG_CONNECTION_URL: url })
    assert.equal(parsed(await get('status')).lastScaleOut?.kind, 'none')
    await post('scale-out')
    await arm.settled()
    await sql`SELECT citus_add_node('worker-3', 5432)`
    await recordWorkers(sql)
    const { lastScaleOut, history } = parsed(await get('status'))
    assert.deepEqual([lastScaleOut?.kind, lastScaleOut?.['from'], lastScaleOut?.['to']], ['succeeded', 2, 3])
    const [growth, ...others] = history
    assert.deepEqual(others, [])
    assert.deepEqual([growth?.kind, growth?.from, growth?.to, growth?.ended], ['scale-out', 2, 3, 'succeeded'])
    assert.match(growth?.askedBy ?? '', /mean CPU 91\.4 %/)
    assert.ok(growth?.startedAt && growth.endedAt && growth.seconds?.provision !== undefined)
  })

  test('a scale-out that failed is in the history with its error', async (t) => {
    const { url } = await balanced(t)
    const { arm, settings } = await withArm(t)
    const { post, get } = await serve(t, { ...settings, PG_CONNECTION_URL: url })
    arm.faults.add({ on: 'deployment', fails: 'at-once', because: 'quota-exceeded' })
    await post('scale-out')
    const status = await get('status')
    const [growth] = parsed(status).history
    assert.deepEqual([growth?.ended, growth?.from, growth?.to], ['failed', 2, 3])
    assert.match(growth?.error ?? '', /QuotaExceeded/)
    assert.equal(status.next?.reason, 'backing-off')
  })

  test('the history has at most 20 entries, newest first', async (t) => {
    const { url, sql } = await balanced(t)
    await sql`
      INSERT INTO public.worker_count (created_at, count)
      SELECT now() - interval '1 hour' * (30 - n), n FROM generate_series(1, 28) n`
    const { settings } = await withArm(t)
    const { get } = await serve(t, { ...settings, PG_CONNECTION_URL: url })
    const { history } = parsed(await get('status'))
    assert.equal(history.length, 20)
    assert.deepEqual([history[0]?.to, history[19]?.to], [28, 9])
  })

  test('status reports a failure of ARM and still lists the shards', async (t) => {
    const { url } = await unbalanced(t)
    const { arm, settings } = await withArm(t)
    arm.faults.add({ on: 'get-resource', refused: 'forbidden' })
    const { get } = await serve(t, { ...settings, PG_CONNECTION_URL: url })
    const status = await get('status')
    assert.deepEqual([status.status, status.outcome, status.next?.outcome], [200, 'reported', 'failed'])
    assert.deepEqual([status.next?.reason, status.next?.workers], ['azure-refused', undefined])
    const { cluster, lastScaleOut } = parsed(status)
    assert.deepEqual(
      cluster.nodes?.map(({ shardGroups }) => shardGroups),
      [32, 0],
    )
    assert.equal(lastScaleOut, null)
  })

  test('status reports a silent coordinator as a warning', async (t) => {
    const { arm, settings } = await withArm(t)
    const { get } = await serve(t, settings)
    const status = await get('status')
    assert.deepEqual([status.status, status.next?.reason], [200, 'scaling-out'])
    const { cluster, warnings } = parsed(status)
    assert.deepEqual([cluster.workers, cluster.nodes], [2, null])
    assert.match(warnings.join(), /without the coordinator.*ECONNREFUSED/)
    assert.equal(acceptedDeployments(arm), 0)
  })

  test('status answers 200 when neither ARM nor the database answers', async (t) => {
    const { get } = await serve(t, completeSettings)
    const status = await get('status')
    assert.deepEqual([status.status, status.reason, status.next?.reason], [200, 'status', 'azure-unavailable'])
    assert.equal(parsed(status).cluster.workers, null)
  })
})

testFunctionsOnCluster('a rebalance is in the history while it runs and after', async ({ sql, post, get }) => {
  const { job, moves } = await post('rebalance')
  const [running] = parsed(await get('status')).history
  assert.deepEqual([running?.kind, running?.moves, running?.ended], ['rebalance', moves, 'running'])
  await finishRebalance(sql)
  const status = parsed(await get('status'))
  const [finished, ...others] = status.history
  assert.deepEqual(others, [])
  assert.deepEqual([finished?.ended, finished?.moves], ['succeeded', moves])
  assert.ok(finished?.startedAt && finished.endedAt && finished.seconds?.move !== undefined)
  assert.deepEqual([status.rebalance?.['job'], status.rebalance?.['state']], [job, 'finished'])
})
