import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { armClient } from '../../src/azure/arm-client.ts'
import { readDeployment } from '../../src/azure/deployment-record.ts'
import type { LastScaleOut } from '../../src/scaling/cluster-state.ts'
import { serveAnswers } from './serve-answers.ts'

/** The record that is read from this answer of ARM. */
async function recordFrom(t: TestContext, body: unknown, status = 200) {
  const endpoint = await serveAnswers(t, () => ({ status, body }))
  const client = await armClient({ endpoint, subscriptionId: 'any' })
  return readDeployment(client, 'rg', 'autoscale-demo', AbortSignal.timeout(5_000))
}

const tags = { from: '2', to: '4', reason: 'CPU', fingerprint: 'f', attempt: '3', blind: 'true' }
const timestamp = '2026-11-22T20:10:00.0000000Z'
const endedAt = new Date('2026-11-22T20:10:00Z')
const startedAt = new Date('2026-11-22T20:00:56.500Z')
const ran = { timestamp, duration: 'PT9M3.5S', correlationId: 'c' }
const cause = { from: 2, to: 4, reason: 'CPU', blind: true, startedAt } as const
const quota = { code: 'DeploymentFailed', details: [{ code: 'QuotaExceeded', message: '8 vCores' }] }
const longAgo = new Date(0)
const unknown: LastScaleOut = { kind: 'none' }

const records: [name: string, body: unknown, state: LastScaleOut][] = [
  [
    'a deployment that succeeded',
    { tags, properties: { ...ran, provisioningState: 'Succeeded' } },
    { kind: 'succeeded', endedAt, ...cause },
  ],
  [
    'a deployment that failed',
    { tags, properties: { ...ran, provisioningState: 'Failed', error: quota } },
    {
      kind: 'failed',
      endedAt,
      attempt: 3,
      error: 'QuotaExceeded: 8 vCores (ask Azure for more vCores in this region, or lower SCALE_OUT_MAX_WORKERS)',
      ...cause,
    },
  ],
  [
    'a deployment that a person cancelled',
    { tags: {}, properties: { ...ran, provisioningState: 'Canceled' } },
    { kind: 'failed', endedAt, attempt: 1, error: 'the deployment was cancelled', startedAt },
  ],
  [
    'a running deployment',
    { tags, properties: { ...ran, provisioningState: 'Running' } },
    { kind: 'running', detail: 'deployment autoscale-demo is Running', ...cause },
  ],
  [
    'a duration in days and hours',
    { properties: { timestamp, duration: 'P1DT2H', provisioningState: 'Succeeded' } },
    { kind: 'succeeded', endedAt, startedAt: new Date('2026-11-21T18:10:00Z') },
  ],
  [
    'tags that are null, and no times',
    { tags: null, properties: { provisioningState: 'Succeeded', timestamp: null, duration: null } },
    { kind: 'succeeded', endedAt: longAgo },
  ],
  [
    'tags that somebody edited',
    {
      tags: { from: 2, to: 'many', reason: { a: 1 }, attempt: 'x', blind: 'false' },
      properties: { provisioningState: 'Failed', timestamp, error: null },
    },
    { kind: 'failed', endedAt, attempt: 1, error: 'Azure gives no reason' },
  ],
  [
    'invalid times',
    { tags: [], properties: { provisioningState: 'Succeeded', timestamp: 'soon', duration: 'long' } },
    { kind: 'succeeded', endedAt: longAgo },
  ],
  [
    'a duration that is too long',
    { properties: { provisioningState: 'Succeeded', timestamp, duration: `P${'9'.repeat(30)}D` } },
    { kind: 'succeeded', endedAt },
  ],
  [
    'an error that is not an object',
    { properties: { provisioningState: 'Failed', timestamp, error: 5 } },
    { kind: 'failed', endedAt, attempt: 1, error: 'Azure gives no reason' },
  ],
  [
    'an error with values of wrong types',
    { properties: { provisioningState: 'Failed', timestamp, error: { code: 409, message: 7, details: 'none' } } },
    { kind: 'failed', endedAt, attempt: 1, error: '409: 7' },
  ],
  ['a state that is null', { properties: { provisioningState: null } }, unknown],
  ['a state that is an object', { properties: { provisioningState: { a: 1 } } }, unknown],
  ['properties that are null', { tags: 'x', properties: null }, unknown],
  ['properties that are a number', { properties: 5 }, unknown],
  ['a list', [], unknown],
  ['null', null, unknown],
]
for (const [name, body, state] of records)
  test(`${name} is read as ${state.kind}`, async (t) => assert.deepEqual((await recordFrom(t, body))?.state, state))

test('a deployment that does not exist has no record', async (t) => {
  assert.equal(await recordFrom(t, { error: { code: 'DeploymentNotFound', message: 'no' } }, 404), undefined)
})

test('two deployments with the same name differ in their run, and the cause of a failure is kept', async (t) => {
  const failed = (correlationId: string) => ({
    properties: { ...ran, provisioningState: 'Failed', error: quota, correlationId },
  })
  const [first, second] = await Promise.all([recordFrom(t, failed('1')), recordFrom(t, failed('2'))])
  assert.notEqual(first?.run, second?.run)
  assert.deepEqual(first?.failure, { code: 'QuotaExceeded', message: 'QuotaExceeded: 8 vCores' })
})
