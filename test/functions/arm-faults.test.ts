import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { neverAnswers, socketServer } from '../citus/socket-server.ts'
import { manualClock } from '../local/arm/manual-clock.ts'
import { readPayload } from '../payloads/read-payload.ts'
import { until } from '../until.ts'
import { armFaultCases } from './arm-fault-cases.ts'
import { recordOf, withArm } from './arm.ts'
import { forEachAppSideBySide } from './serve.ts'

forEachAppSideBySide(({ serve }) => {
  // Some wait for the product's timeouts. All of them at once would start so many processes that other tests become slow.
  describe('ARM', { concurrency: 4 }, () => {
    for (const { name, fault, status, reason, message, deploys = false } of armFaultCases) {
      test(`${name}: ${status} ${reason}`, async (t) => {
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

    test('neither the coordinator nor ARM answers, so every timeout is reached: azure-unavailable within 25 s', async (t) => {
      const { arm, settings } = await withArm(t)
      const { post } = await serve(t, { ...settings, PG_CONNECTION_URL: await socketServer(t, neverAnswers) })
      arm.faults.add({ on: 'put-deployment', silent: 'before' })
      const began = performance.now()
      const asked = post('scale-out')
      await until('the PUT', () => Promise.resolve(arm.requests.some(({ method }) => method === 'PUT')))
      arm.faults.add({ on: 'get-deployment', silent: 'before' })
      const answer = await asked
      assert.deepEqual([answer.status, answer.reason], [503, 'azure-unavailable'], answer.message)
      assert.match(answer.warnings?.join() ?? '', /without the coordinator/)
      assert.ok(performance.now() - began < 25_000)
    })

    test('no answer to the PUT while another instance starts a deployment: operation-in-progress', async (t) => {
      const { arm, settings } = await withArm(t)
      // Two instances, because one instance merges simultaneous notifications.
      const [{ post }, other] = [await serve(t, settings), await serve(t, settings)]
      arm.faults.add({ on: 'put-deployment', silent: 'before' }, 1)
      const unanswered = post('scale-out')
      await until('the PUT', () => Promise.resolve(arm.requests.some(({ method }) => method === 'PUT')))
      const otherAlert = readPayload('grafana-firing').replace('4e1f3a5b6c7d8e9f', '0000000000000001')
      assert.equal((await other.post('scale-out', otherAlert)).reason, 'scaling-out')
      assert.deepEqual((await unanswered).reason, 'operation-in-progress')
    })
  })

  test('ARM: Retry-After becomes `until`', async (t) => {
    const { arm, settings } = await withArm(t)
    const now = new Date('2026-11-22T20:00:00Z')
    const { post } = await serve(t, settings, () => now)
    arm.faults.add({ on: 'get-resource', refused: 'throttled', retryAfterSeconds: 90 })
    assert.equal((await post('scale-out')).until, '2026-11-22T20:01:30.000Z')
  })

  test('ARM: after a deployment that fails later the answer is backing-off, twice as long each time', async (t) => {
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
      assert.match(held.message, new RegExp(`attempt ${attempt} in a row.*InternalServerError`, 'i'))
      assert.equal(Date.parse(held.until ?? ''), failed + minutes * 60_000)
      clock.advance(1000)
    }
  })
})
