import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Fault } from '../../src/local/arm/faults.ts'
import { manualClock } from '../local/arm/manual-clock.ts'
import { readPayload } from '../payloads/read-payload.ts'
import { until } from '../until.ts'
import { recordOf, withArm } from './arm.ts'
import { forEachApp } from './serve.ts'

type Case = {
  name: string
  fault: Fault
  status: number
  reason: string
  message: RegExp
  /** Whether a deployment runs afterwards. */
  deploys?: boolean
}

const cases: Case[] = [
  {
    name: '401',
    fault: { on: 'get-resource', refused: 'unauthenticated' },
    status: 502,
    reason: 'azure-refused',
    message: /answered 401.*managed identity/,
  },
  {
    name: '403 on the cluster',
    fault: { on: 'get-resource', refused: 'forbidden' },
    status: 502,
    reason: 'azure-refused',
    message: /answered 403: AuthorizationFailed.*role/,
  },
  {
    name: '403 on the deployment',
    fault: { on: 'put-deployment', refused: 'forbidden' },
    status: 502,
    reason: 'azure-refused',
    message: /asked to deploy autoscale-demo, answered 403/,
  },
  {
    name: '404 on the cluster',
    fault: { on: 'get-resource', refused: 'not-found' },
    status: 502,
    reason: 'azure-refused',
    message: /answered 404.*CLUSTER_NAME/,
  },
  {
    name: '409 on the deployment',
    fault: { on: 'put-deployment', refused: 'deployment-active' },
    status: 200,
    reason: 'operation-in-progress',
    message: /active/i,
  },
  {
    name: '429',
    fault: { on: 'get-resource', refused: 'throttled' },
    status: 503,
    reason: 'azure-unavailable',
    message: /answered 429/,
  },
  {
    name: '429 on the PUT',
    fault: { on: 'put-deployment', refused: 'throttled', retryAfterSeconds: 3600 },
    status: 503,
    reason: 'azure-unavailable',
    message: /answered 429/,
  },
  {
    name: '500',
    fault: { on: 'get-deployment', refused: 'server-error' },
    status: 503,
    reason: 'azure-unavailable',
    message: /answered 500/,
  },
  {
    name: '500 on the PUT',
    fault: { on: 'put-deployment', refused: 'server-error' },
    status: 503,
    reason: 'azure-unavailable',
    message: /answered 500/,
  },
  {
    name: 'half a JSON text',
    fault: { on: 'get-resource', malformed: true },
    status: 503,
    reason: 'azure-unavailable',
    message: /no usable answer/,
  },
  {
    name: 'half a JSON text to the PUT',
    fault: { on: 'put-deployment', malformed: true },
    status: 202,
    reason: 'scaling-out',
    message: /grows/,
    deploys: true,
  },
  {
    name: 'half a JSON text to the first look',
    fault: { on: 'get-operation-status', malformed: true },
    status: 202,
    reason: 'scaling-out',
    message: /grows/,
    deploys: true,
  },
  {
    name: '500 to the first look',
    fault: { on: 'get-operation-status', refused: 'server-error' },
    status: 202,
    reason: 'scaling-out',
    message: /grows/,
    deploys: true,
  },
  {
    name: 'no answer to a read',
    fault: { on: 'get-resource', silent: 'before' },
    status: 503,
    reason: 'azure-unavailable',
    message: /no answer within 9 s/,
  },
  {
    name: 'no answer to the PUT, which was not accepted',
    fault: { on: 'put-deployment', silent: 'before' },
    status: 503,
    reason: 'azure-unavailable',
    message: /no answer within 9 s/,
  },
  {
    name: 'no answer to the PUT, which was accepted',
    fault: { on: 'put-deployment', silent: 'after' },
    status: 202,
    reason: 'scaling-out',
    message: /grows/,
    deploys: true,
  },
  {
    name: 'no answer to the first look',
    fault: { on: 'get-operation-status', silent: 'before' },
    status: 202,
    reason: 'scaling-out',
    message: /grows/,
    deploys: true,
  },
  {
    name: 'a deployment that fails at once',
    fault: { on: 'deployment', fails: 'at-once', because: 'quota-exceeded' },
    status: 502,
    reason: 'azure-refused',
    message: /failed at once: .*quota/i,
  },
  {
    name: 'a busy cluster',
    fault: { on: 'deployment', fails: 'at-once', because: 'server-is-busy' },
    status: 502,
    reason: 'azure-refused',
    message: /ServerIsBusy/,
  },
]

forEachApp(({ serve }) => {
  // Side by side, since some wait for the bounds on what an upstream may take.
  describe('ARM', { concurrency: true }, () => {
    for (const { name, fault, status, reason, message, deploys = false } of cases) {
      test(name, async (t) => {
        const { arm, settings } = await withArm(t)
        const { post } = await serve(t, settings)
        arm.faults.add(fault)
        const started = performance.now()
        const answer = await post('scale-out')
        assert.deepEqual([answer.status, answer.reason], [status, reason], answer.message)
        assert.match(answer.message, message)
        assert.ok(performance.now() - started < 25_000)
        arm.faults.clear()
        const failed = fault.on === 'deployment'
        assert.equal(recordOf(arm)?.provisioningState, deploys ? 'Running' : failed ? 'Failed' : undefined)
        const next = deploys ? 'operation-in-progress' : failed ? 'backing-off' : 'scaling-out'
        assert.equal((await post('scale-out')).reason, next)
      })
    }

    test('no answer to the PUT, while that of another alert is accepted: the deployment is not ours', async (t) => {
      const { arm, settings } = await withArm(t)
      const { post } = await serve(t, settings)
      arm.faults.add({ on: 'put-deployment', silent: 'before' }, 1)
      const unanswered = post('scale-out')
      await until('the PUT', () => Promise.resolve(arm.requests.some(({ method }) => method === 'PUT')))
      const others = readPayload('grafana-firing').replace('4e1f3a5b6c7d8e9f', '0000000000000001')
      assert.equal((await post('scale-out', others)).reason, 'scaling-out')
      assert.deepEqual((await unanswered).reason, 'operation-in-progress')
    })
  })

  test('ARM: Retry-After tells until when', async (t) => {
    const { arm, settings } = await withArm(t)
    const now = new Date('2026-11-22T20:00:00Z')
    const { post } = await serve(t, settings, () => now)
    arm.faults.add({ on: 'get-resource', refused: 'throttled', retryAfterSeconds: 90 })
    assert.equal((await post('scale-out')).until, '2026-11-22T20:01:30.000Z')
  })

  test('ARM: a deployment that fails later holds back the next, twice as long each time', async (t) => {
    const clock = manualClock()
    const { arm, settings } = await withArm(t, { clock })
    const { post } = await serve(t, settings, () => new Date(clock.now()))
    arm.faults.add({ on: 'deployment', fails: 'later', because: 'internal-error' })
    for (const [attempt, minutes] of [
      [1, 5],
      [2, 10],
      [3, 20],
    ] as const) {
      assert.equal((await post('scale-out')).reason, 'scaling-out')
      clock.advance(600_000)
      await arm.settled()
      const failed = recordOf(arm)?.timestamp.getTime() ?? 0
      clock.advance(failed + minutes * 60_000 - clock.now() - 1000)
      const held = await post('scale-out')
      assert.equal(held.reason, 'backing-off')
      assert.match(held.message, new RegExp(`try ${attempt} in a row.*InternalServerError`, 'i'))
      assert.equal(Date.parse(held.until ?? ''), failed + minutes * 60_000)
      clock.advance(1000)
    }
  })
})
