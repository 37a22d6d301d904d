import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PipelineResponse } from '@azure/core-rest-pipeline'
import { cosmosDbCluster, cosmosDbDeployment, provisioningMilliseconds, resourceGroup, setUp } from './setup.ts'

const name = 'autoscale-shop'

test('a deployment is accepted, runs and succeeds, and its record has its times', async (context) => {
  const { arm, client, clock } = await setUp(context, cosmosDbCluster)
  const startedAt = clock.now()
  const answers: PipelineResponse[] = []
  await client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4), {
    onResponse: (response) => void answers.push(response),
  })
  const [put] = answers
  assert.equal(put?.status, 201)
  assert.match(put.bodyAsText ?? '', /"provisioningState":"Accepted"/)
  assert.match(
    put.headers.get('Azure-AsyncOperation') ?? '',
    /^http:.*\/deployments\/autoscale-shop\/operationStatuses\/[^/]+\?api-version=/,
  )
  assert.match(put.headers.get('Retry-After') ?? '', /^\d+$/)

  const running = await client.deployments.get(resourceGroup, name)
  assert.equal(running.properties?.provisioningState, 'Running')
  assert.deepEqual(running.tags, { from: '2', reason: 'alert' })

  clock.advance(provisioningMilliseconds)
  await arm.settled()
  const ended = await client.deployments.get(resourceGroup, name)
  assert.equal(ended.properties?.provisioningState, 'Succeeded')
  assert.equal(ended.properties.timestamp?.getTime(), startedAt + provisioningMilliseconds)
  assert.equal(ended.properties.duration, 'PT600S')
  assert.equal(ended.properties.correlationId, running.properties.correlationId)
})

test('a deployment that another process started can be polled to its end', async (context) => {
  const { arm, client, clock } = await setUp(context, cosmosDbCluster)
  const started = await client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4))
  const resumed = await client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4), {
    resumeFrom: started.toString(),
  })
  assert.equal(resumed.isDone(), false)
  clock.advance(provisioningMilliseconds)
  await arm.settled()
  const ended = await resumed.pollUntilDone()
  assert.equal(ended.properties?.provisioningState, 'Succeeded')
  assert.equal(arm.requests.filter(({ method }) => method === 'PUT').length, 1)
})

test('a name is refused in any case while its deployment runs, and accepted afterwards', async (context) => {
  const { arm, client, clock } = await setUp(context, cosmosDbCluster)
  await client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4))
  const again = client.deployments.beginCreateOrUpdate(resourceGroup, name.toUpperCase(), cosmosDbDeployment(5))
  await assert.rejects(again, {
    statusCode: 409,
    code: 'DeploymentActive',
    message: /would overwrite an existing deployment which is still active.* was started at '1\/1\/2026 12:00:00 AM'/,
  })
  clock.advance(provisioningMilliseconds)
  await arm.settled()
  assert.partialDeepStrictEqual(arm.cluster(), { properties: { nodeCount: 4 } })

  await client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(5))
  clock.advance(provisioningMilliseconds)
  await arm.settled()
  assert.partialDeepStrictEqual(arm.cluster(), { properties: { nodeCount: 5 } })
})

test('the second of two deployments with different names fails because the cluster is busy', async (context) => {
  const { arm, client, clock } = await setUp(context, cosmosDbCluster)
  await client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4))
  await assert.rejects(client.deployments.beginCreateOrUpdate(resourceGroup, 'other', cosmosDbDeployment(6)))
  const other = await client.deployments.get(resourceGroup, 'other')
  assert.equal(other.properties?.provisioningState, 'Failed')
  assert.match(other.properties.error?.details?.[0]?.message ?? '', /ServerIsBusy/)
  clock.advance(provisioningMilliseconds)
  await arm.settled()
  assert.partialDeepStrictEqual(arm.cluster(), { properties: { nodeCount: 4, state: 'Ready' } })
})

test('of 200 simultaneous deployments with one name, one is accepted', async (context) => {
  const { arm, client } = await setUp(context, cosmosDbCluster)
  const all = Array.from({ length: 200 }, () =>
    client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4)),
  )
  const outcomes = await Promise.allSettled(all)
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.equal(arm.requests.filter(({ method }) => method === 'PUT').length, 200)
})

test('a deployment fails when its new worker does not come', async (context) => {
  const onWorkers = () => Promise.reject(new Error('no room for another one'))
  const { arm, client, clock } = await setUp(context, cosmosDbCluster, { onWorkers })
  await client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4))
  clock.advance(provisioningMilliseconds)
  await arm.settled()
  const ended = await client.deployments.get(resourceGroup, name)
  assert.equal(ended.properties?.provisioningState, 'Failed')
  assert.match(JSON.stringify(ended.properties.error), /no room for another one/)
})

const refused = [
  { what: 'fewer workers', deployment: cosmosDbDeployment(0), why: /can't be decreased from 2 to 0/ },
  { what: 'one worker', deployment: cosmosDbDeployment(1), why: /nodeCount must be 0 or from 2 to 20/ },
  { what: 'more than 20 workers', deployment: cosmosDbDeployment(21), why: /nodeCount must be 0 or from 2 to 20/ },
  { what: 'another region', deployment: cosmosDbDeployment(4, { location: 'eastus' }), why: /location of 'shop'/ },
  { what: 'another cluster', deployment: cosmosDbDeployment(4, { name: 'shops' }), why: /none named 'shops'/ },
]
for (const { what, deployment, why } of refused) {
  test(`${what}: the deployment is accepted and has failed before the first poll`, async (context) => {
    const { arm, client, workers } = await setUp(context, cosmosDbCluster)
    const before = arm.cluster()
    // The SDK drops code and details of a failure that its first poll reports; the record has them.
    await assert.rejects(client.deployments.beginCreateOrUpdate(resourceGroup, name, deployment), /DeploymentFailed/)
    const { properties } = await client.deployments.get(resourceGroup, name)
    assert.equal(properties?.provisioningState, 'Failed')
    assert.equal(properties.error?.code, 'DeploymentFailed')
    assert.match(properties.error.details?.[0]?.message ?? '', why)
    assert.deepEqual([arm.cluster(), workers], [before, []])
  })
}

test('a cluster that is stopped takes no deployment', async (context) => {
  const stopped = { ...cosmosDbCluster, properties: { ...cosmosDbCluster.properties, state: 'Stopped' } }
  const { client } = await setUp(context, stopped)
  await assert.rejects(client.deployments.beginCreateOrUpdate(resourceGroup, name, cosmosDbDeployment(4)))
  const { properties } = await client.deployments.get(resourceGroup, name)
  assert.match(properties?.error?.details?.[0]?.message ?? '', /in state .*Stopped/)
})
