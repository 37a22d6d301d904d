import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { balanced } from '../citus/unbalanced.ts'
import { manualClock } from '../local/arm/manual-clock.ts'
import { flood } from '../in-full.ts'
import { acceptedDeployments, deployment, properties, recordOf, withArm } from './arm.ts'
import { forEachApp } from './serve.ts'

const puts = (requests: readonly { method: string }[]) => requests.filter(({ method }) => method === 'PUT').length

forEachApp(({ serve }) => {
  test('a firing alert makes the cluster grow, and only its number of workers changes', async (t) => {
    const { arm, settings } = await withArm(t, { provisioningSeconds: 0 })
    const { post } = await serve(t, settings)
    const answer = await post('scale-out')
    assert.deepEqual([answer.status, answer.outcome, answer.reason], [202, 'started', 'scaling-out'])
    assert.deepEqual(answer.workers, { from: 2, to: 3 })
    assert.equal(answer.deployment, deployment)
    assert.deepEqual(answer.alerts, { firing: 1 })
    await arm.settled()
    const cluster = arm.cluster()
    const { nodeCount, ...rest } = z.looseObject({ nodeCount: z.number() }).parse(cluster.properties)
    assert.equal(nodeCount, 3)
    const { nodeCount: _, ...before } = properties
    for (const [name, value] of Object.entries(before)) assert.deepEqual(rest[name], value, name)
    assert.deepEqual(cluster.tags, { team: 'ads' })
  })

  test('the tags of the deployment hold sizes, reason, fingerprint and attempt', async (t) => {
    const { arm, settings } = await withArm(t)
    const { url } = await balanced(t)
    const { post } = await serve(t, { ...settings, PG_CONNECTION_URL: url })
    await post('scale-out')
    assert.deepEqual(recordOf(arm)?.tags, {
      from: '2',
      to: '3',
      reason: 'Workers are hot, mean CPU 91.4 %',
      fingerprint: '4e1f3a5b6c7d8e9f',
      attempt: '1',
    })
  })

  test(`${flood} copies of one notification at once make one deployment`, async (t) => {
    const { arm, settings } = await withArm(t)
    const { post } = await serve(t, settings)
    const answers = await Promise.all(Array.from({ length: flood }, () => post('scale-out')))
    // If the PUT times out on a busy machine but the deployment exists, the answer is scaling-out, too.
    const reasons = new Set(answers.map(({ status, reason }) => `${status} ${reason}`))
    assert.deepEqual([...reasons].sort(), ['200 operation-in-progress', '202 scaling-out'])
    assert.equal(acceptedDeployments(arm), 1)
    assert.deepEqual(recordOf(arm)?.tags.to, '3')
  })

  test('a decision to hold takes two requests to ARM; a start also takes the PUT and the first poll of the SDK', async (t) => {
    const { arm, settings } = await withArm(t)
    const { post } = await serve(t, settings)
    await post('scale-out')
    assert.deepEqual(arm.requests.map(({ method }) => method).sort(), ['GET', 'GET', 'GET', 'PUT'])
    await post('scale-out')
    assert.equal(arm.requests.length, 6)
  })

  test('a dry run deploys nothing and says what it would have done', async (t) => {
    const { arm, settings } = await withArm(t)
    const { post } = await serve(t, { ...settings, AUTOSCALE_MODE: 'dry-run' })
    const answer = await post('scale-out')
    assert.deepEqual([answer.status, answer.outcome, answer.reason], [200, 'held', 'dry-run'])
    assert.deepEqual(answer.workers, { from: 2, to: 3 })
    assert.equal(puts(arm.requests), 0)
  })

  test('after a scale-out the answer is cooling-down, with its end', async (t) => {
    const { arm, settings } = await withArm(t, { provisioningSeconds: 0 })
    const { post } = await serve(t, settings)
    await post('scale-out')
    await arm.settled()
    const answer = await post('scale-out')
    assert.equal(answer.reason, 'cooling-down')
    const minutes = (Date.parse(answer.until ?? '') - Date.now()) / 60_000
    assert.ok(minutes > 14 && minutes <= 15, answer.until)
  })

  test('at the maximum nothing is deployed', async (t) => {
    const { arm, settings } = await withArm(t, { properties: { nodeCount: 20 } })
    const { post } = await serve(t, settings)
    assert.equal((await post('scale-out')).reason, 'at-maximum')
    assert.equal(puts(arm.requests), 0)
  })

  test('a single node becomes two workers', async (t) => {
    const { settings } = await withArm(t, { properties: { nodeCount: 0 } })
    const { post } = await serve(t, settings)
    assert.deepEqual((await post('scale-out')).workers, { from: 0, to: 2 })
  })

  const states: [state: string, provisioningState: string, reason: string][] = [
    ['Updating', 'Succeeded', 'operation-in-progress'],
    ['Provisioning', 'InProgress', 'operation-in-progress'],
    ['Stopped', 'Succeeded', 'cluster-not-ready'],
    ['Dropping', 'Succeeded', 'cluster-not-ready'],
    ['Failed', 'Failed', 'cluster-not-ready'],
    ['An unknown state', 'Succeeded', 'cluster-not-ready'],
  ]
  for (const [state, provisioningState, reason] of states) {
    test(`a cluster that is ${state}, ${provisioningState}: ${reason}`, async (t) => {
      const { arm, settings } = await withArm(t, { properties: { state, provisioningState } })
      const { post } = await serve(t, settings)
      const answer = await post('scale-out')
      assert.deepEqual([answer.status, answer.reason], [200, reason])
      assert.equal(puts(arm.requests), 0)
    })
  }

  for (const provisioningState of ['Failed', 'Canceled'])
    test(`a cluster that is Ready after a change that ended ${provisioningState} may grow`, async (t) => {
      const { arm, settings } = await withArm(t, { properties: { state: 'Ready', provisioningState } })
      const { post } = await serve(t, settings)
      assert.equal((await post('scale-out')).reason, 'scaling-out')
      assert.equal(puts(arm.requests), 1)
    })

  test('after a failed scale-out, which leaves the cluster Ready and Failed, the backoff holds the next', async (t) => {
    const clock = manualClock()
    const { arm, settings } = await withArm(t, { clock, properties: { state: 'Ready' } })
    const { post } = await serve(t, settings, () => new Date(clock.now()))
    arm.faults.add({ on: 'deployment', fails: 'later', because: 'internal-error' }, 1)
    assert.equal((await post('scale-out')).reason, 'scaling-out')
    clock.advance(600_000)
    await arm.settled()
    assert.match(JSON.stringify(arm.cluster()), /"provisioningState":"Failed"/)
    assert.equal((await post('scale-out')).reason, 'backing-off')
    clock.advance(5 * 60_000)
    assert.equal((await post('scale-out')).reason, 'scaling-out')
  })

  test('a scale-out without the coordinator starts, with a warning', async (t) => {
    const { settings } = await withArm(t)
    const { post } = await serve(t, settings)
    const { reason, warnings } = await post('scale-out')
    assert.equal(reason, 'scaling-out')
    assert.match(warnings?.[0] ?? '', /without the coordinator's view.*ECONNREFUSED/)
  })

  test('an admin password goes into the template only when it is set, and nowhere else', async (t) => {
    const { arm, settings } = await withArm(t)
    const { post, log } = await serve(t, { ...settings, CLUSTER_ADMIN_PASSWORD: 'Adm1n-word' })
    const answer = await post('scale-out')
    assert.equal(answer.reason, 'scaling-out')
    assert.doesNotMatch(answer.text + (await log()).join() + JSON.stringify(arm.deployment(deployment)), /Adm1n-word/)
  })
})
