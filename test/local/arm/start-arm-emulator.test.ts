import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  cosmosDbCluster,
  cosmosDbDeployment,
  elasticCluster,
  elasticDeployment,
  provisioningMilliseconds,
  resourceGroup,
  setUp,
} from './setup.ts'

const kinds = [
  {
    name: 'a Cosmos DB cluster',
    cluster: cosmosDbCluster,
    deployment: cosmosDbDeployment,
    apiVersion: '2022-11-08',
    size: (count: number) => ({ nodeCount: count }),
    from: 2,
    updating: { provisioningState: 'InProgress', state: 'Updating' },
  },
  {
    name: 'an elastic cluster',
    cluster: elasticCluster,
    deployment: elasticDeployment,
    apiVersion: '2025-08-01',
    size: (count: number) => ({ cluster: { clusterSize: count, defaultDatabaseName: 'orders' } }),
    from: 3,
    updating: { state: 'Updating' },
  },
]

for (const { name, cluster, deployment, apiVersion, size, from, updating } of kinds) {
  describe(name, () => {
    test('is returned as it was given, and as ready', async (context) => {
      const { client, id } = await setUp(context, cluster)
      const read = await client.resources.getById(id, apiVersion)
      const { properties, ...rest } = cluster
      assert.partialDeepStrictEqual(read, { id, ...rest, properties: { ...properties, state: 'Ready' } })
    })

    test('gets its workers one by one near the end of a deployment, and keeps all other properties', async (context) => {
      const { arm, client, clock, workers, id } = await setUp(context, cluster)
      const before = await client.resources.getById(id, apiVersion)
      const poller = await client.deployments.beginCreateOrUpdate(resourceGroup, 'grow', deployment(from + 2))
      assert.equal(poller.isDone(), false)
      assert.partialDeepStrictEqual(await client.resources.getById(id, apiVersion), {
        properties: { ...updating, ...size(from) },
      })

      for (const [part, come] of [
        [0.79, []],
        [0.1, [from + 1]],
        [0.11, [from + 1, from + 2]],
      ] as const) {
        clock.advance(provisioningMilliseconds * part)
        await client.deployments.get(resourceGroup, 'grow')
        assert.deepEqual(workers, come)
      }

      await arm.settled()
      await poller.poll()
      assert.equal(poller.isDone(), true)
      const after = await client.resources.getById(id, apiVersion)
      const grown = { ...before, properties: { ...before.properties, ...size(from + 2) } }
      assert.deepEqual(withoutServerNames(after), withoutServerNames(grown))
    })

    test('loses the properties that the template omits', async (context) => {
      const { arm, client, clock } = await setUp(context, cluster)
      const sparse = deployment(from, { tags: {}, properties: { maintenanceWindow: { customWindow: 'Enabled' } } })
      await client.deployments.beginCreateOrUpdate(resourceGroup, 'sparse', sparse)
      clock.advance(provisioningMilliseconds)
      await arm.settled()
      const left = JSON.stringify(arm.cluster())
      assert.doesNotMatch(left, /CostCenter|524288|16|14|storage|version/i)
      assert.match(left, /"maintenanceWindow":\{"customWindow":"Enabled"\}/)
    })

    test('never returns its password', async (context) => {
      const { arm, client, clock, id } = await setUp(context, cluster)
      const secret = deployment(from + 2, { administratorLoginPassword: 'Pa55-word' })
      const poller = await client.deployments.beginCreateOrUpdate(resourceGroup, 'secret', secret)
      clock.advance(provisioningMilliseconds)
      await arm.settled()
      await poller.poll()
      const shown = [await client.resources.getById(id, apiVersion), poller.getResult(), arm.deployment('secret')]
      assert.doesNotMatch(JSON.stringify(shown), /Pa55-word/)
      assert.match(JSON.stringify(poller.getResult()), /"administratorLoginPassword":\{"type":"SecureString"\}/)
    })
  })
}

function withoutServerNames({ properties, ...resource }: { properties?: Record<string, unknown> }) {
  return { ...resource, properties: { ...properties, serverNames: undefined } }
}
