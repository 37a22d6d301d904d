import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { RequestFault } from '../../../src/local/arm/faults.ts'
import type { ArmEmulator } from '../../../src/local/arm/start-arm-emulator.ts'
import {
  clientFor,
  cosmosDbCluster,
  cosmosDbDeployment,
  elasticCluster,
  elasticDeployment,
  provisioningMilliseconds,
  resourceGroup,
  setUp,
} from './setup.ts'

const name = 'autoscale-shop'

const requests = {
  'get-resource': ({ client, id }) => client.resources.getById(id, '2022-11-08'),
  'get-deployment': ({ client }) => client.deployments.get(resourceGroup, name),
  'put-deployment': ({ client }) => client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4)),
  'get-operation-status': ({ client }) =>
    client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4)),
} satisfies Record<RequestFault['on'], (set: Awaited<ReturnType<typeof setUp>>) => Promise<unknown>>
const kinds = ['get-resource', 'get-deployment', 'put-deployment', 'get-operation-status'] as const

const refusals = [
  { refused: 'unauthenticated', statusCode: 401, code: 'InvalidAuthenticationToken' },
  { refused: 'forbidden', statusCode: 403, code: 'AuthorizationFailed' },
  { refused: 'not-found', statusCode: 404, code: 'ResourceGroupNotFound' },
  { refused: 'linked-scope', statusCode: 403, code: 'LinkedAuthorizationFailed' },
  { refused: 'policy', statusCode: 403, code: 'RequestDisallowedByPolicy' },
  { refused: 'locked', statusCode: 409, code: 'ScopeLocked' },
  { refused: 'too-many-deployments', statusCode: 409, code: 'DeploymentQuotaExceeded' },
  { refused: 'server-is-busy', statusCode: 409, code: 'ServerIsBusy' },
  { refused: 'deployment-active', statusCode: 409, code: 'DeploymentActive' },
  { refused: 'throttled', statusCode: 429, code: 'SubscriptionRequestsThrottled' },
  { refused: 'server-error', statusCode: 500, code: 'InternalServerError' },
] as const

describe('a refused request', () => {
  for (const on of kinds) {
    for (const { refused, statusCode, code } of refusals) {
      test(`${on} with ${statusCode}`, async (context) => {
        const set = await setUp(context, cosmosDbCluster)
        set.arm.faults.add({ on, refused })
        await assert.rejects(requests[on](set), { name: 'RestError', statusCode, code, message: /\S/ })
        if (on === 'put-deployment') assert.throws(() => set.arm.deployment(name), /could not be found/)
      })
    }
  }

  test('with Retry-After, the SDK retries', async (context) => {
    const { arm, id } = await setUp(context, cosmosDbCluster)
    arm.faults.add({ on: 'get-resource', refused: 'throttled', retryAfterSeconds: 0 }, 1)
    await clientFor(arm, 1).resources.getById(id, '2022-11-08')
    assert.equal(arm.requests.length, 2)
  })

  test('without Retry-After, the SDK does not retry when throttled', async (context) => {
    const { arm, id } = await setUp(context, cosmosDbCluster)
    arm.faults.add({ on: 'get-resource', refused: 'throttled' }, 1)
    await assert.rejects(clientFor(arm, 1).resources.getById(id, '2022-11-08'), { statusCode: 429 })
    assert.equal(arm.requests.length, 1)
  })

  test('is refused the given number of times, or until the fault is cleared', async (context) => {
    const { arm, client, id } = await setUp(context, cosmosDbCluster)
    const read = () => client.resources.getById(id, '2022-11-08')
    arm.faults.add({ on: 'get-resource', refused: 'server-error' }, 2)
    await assert.rejects(read(), { statusCode: 500 })
    await assert.rejects(read(), { statusCode: 500 })
    await read()
    arm.faults.add({ on: 'get-resource', refused: 'server-error' })
    await assert.rejects(read(), { statusCode: 500 })
    arm.faults.clear()
    await read()
  })
})

describe('a request that is never answered', () => {
  const cases = [
    { silent: 'before', state: undefined },
    { silent: 'after', state: 'Running' },
  ] as const
  for (const { silent, state } of cases) {
    test(`is silent ${silent} the deployment is accepted`, async (context) => {
      const { arm, client } = await setUp(context, cosmosDbCluster)
      arm.faults.add({ on: 'put-deployment', silent }, 1)
      const impatient = new AbortController()
      const put = client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4), {
        abortSignal: impatient.signal,
      })
      await requested(arm)
      impatient.abort()
      await assert.rejects(put, { name: 'AbortError' })
      const accepted = client.deployments.get(resourceGroup, name)
      if (state === undefined) await assert.rejects(accepted, { code: 'DeploymentNotFound' })
      else assert.equal((await accepted).properties?.provisioningState, state)
    })
  }

  test('is cut off when the emulator stops', async (context) => {
    const { arm, client, id } = await setUp(context, cosmosDbCluster)
    arm.faults.add({ on: 'get-resource', silent: 'before' })
    const cutOff = assert.rejects(client.resources.getById(id, '2022-11-08'), { name: 'RestError' })
    await requested(arm)
    await arm.stop()
    await cutOff
  })
})

test('an answer that is not JSON is a parse error, and the deployment runs', async (context) => {
  const { arm, client } = await setUp(context, cosmosDbCluster)
  arm.faults.add({ on: 'put-deployment', malformed: true }, 1)
  const put = client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4))
  await assert.rejects(put, { name: 'RestError', code: 'PARSE_ERROR' })
  assert.partialDeepStrictEqual(arm.deployment(name), { properties: { provisioningState: 'Running' } })
})

test('a web page of a proxy is an error with its status', async (context) => {
  const { arm, client, id } = await setUp(context, cosmosDbCluster)
  arm.faults.add({ on: 'get-resource', webPage: 403 }, 1)
  await assert.rejects(client.resources.getById(id, '2022-11-08'), { statusCode: 403, code: undefined, message: /^</ })
})

describe('a deployment that fails', () => {
  test('at once has the refusal of the provider in its message', async (context) => {
    const { arm, client, workers } = await setUp(context, cosmosDbCluster)
    arm.faults.add({ on: 'deployment', fails: 'at-once', because: 'server-is-busy' }, 1)
    await assert.rejects(client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4)))
    const { properties } = await client.deployments.get(resourceGroup, name)
    assert.equal(properties?.provisioningState, 'Failed')
    assert.equal(properties.duration, 'PT0S')
    const [detail] = properties.error?.details ?? []
    assert.equal(detail?.code, 'Conflict')
    assert.partialDeepStrictEqual(JSON.parse(detail.message ?? ''), { error: { code: 'ServerIsBusy' } })
    assert.partialDeepStrictEqual(arm.cluster(), { properties: { nodeCount: 2, state: 'Ready' } })
    assert.deepEqual(workers, [])
  })

  test('later leaves the cluster as before, and the cause is nested in details', async (context) => {
    const { arm, client, clock, workers } = await setUp(context, cosmosDbCluster)
    const { properties: propertiesBefore, ...restBefore } = arm.cluster()
    arm.faults.add({ on: 'deployment', fails: 'later', because: 'quota-exceeded' }, 1)
    const poller = await client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4))
    clock.advance(provisioningMilliseconds)
    await arm.settled()
    await assert.rejects(poller.pollUntilDone(), /DeploymentFailed/)
    const { properties } = await client.deployments.get(resourceGroup, name)
    assert.equal(properties?.error?.code, 'DeploymentFailed')
    assert.equal(properties.error.details?.[0]?.code, 'ResourceDeploymentFailure')
    assert.equal(properties.error.details[0].details?.[0]?.code, 'QuotaExceeded')
    const { properties: cluster, ...rest } = arm.cluster()
    assert.deepEqual([rest, workers], [restBefore, []])
    assert.deepEqual(cluster, Object.assign({}, propertiesBefore, { provisioningState: 'Failed', state: 'Ready' }))
  })
})

test('an elastic cluster shows no trace of a failed change', async (context) => {
  const { arm, client, clock } = await setUp(context, elasticCluster)
  const before = arm.cluster()
  arm.faults.add({ on: 'deployment', fails: 'later', because: 'internal-error' }, 1)
  await client.deployments.beginCreateOrUpdate(resourceGroup, name, elasticDeployment(5))
  clock.advance(provisioningMilliseconds)
  await arm.settled()
  assert.deepEqual(arm.cluster(), before)
})

async function requested({ requests }: ArmEmulator): Promise<void> {
  while (requests.length === 0) await setImmediate()
}
