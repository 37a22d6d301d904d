import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cosmosDbCluster, cosmosDbDeployment, resourceGroup, setUp, subscriptionId } from './setup.ts'

// What Azure itself refuses. Requests that the SDK would not send are sent with fetch.

const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`
const cluster = `${group}/providers/Microsoft.DBforPostgreSQL/serverGroupsv2/shop`
const deployment = `${group}/providers/Microsoft.Resources/deployments/d`

const reads = [
  { path: `${cluster}s?api-version=2022-11-08`, status: 404, code: 'ResourceNotFound' },
  { path: `${cluster}?api-version=2022-11-09`, status: 400, code: 'NoRegisteredProviderFound' },
  { path: cluster, status: 400, code: 'MissingApiVersionParameter' },
  {
    path: `${cluster.replace('serverGroupsv2', 'clusters')}?api-version=2022-11-08`,
    status: 404,
    code: 'InvalidResourceType',
  },
  {
    path: `${cluster.replace(resourceGroup, 'others')}?api-version=2022-11-08`,
    status: 404,
    code: 'ResourceGroupNotFound',
  },
  { path: `${cluster.replace(subscriptionId, 'x')}?api-version=2022-11-08`, status: 404, code: 'SubscriptionNotFound' },
  { path: `${deployment}?api-version=2025-03-01`, status: 404, code: 'DeploymentNotFound' },
  { path: `${deployment}?api-version=latest`, status: 400, code: 'InvalidApiVersionParameter' },
  { path: `${deployment}/operationStatuses/0?api-version=2025-03-01`, status: 404, code: 'OperationNotFound' },
  {
    path: `${group}/providers/Microsoft.DBforPostgreSQL?api-version=2022-11-08`,
    status: 404,
    code: 'InvalidRequestUri',
  },
  { path: `${cluster}%ZZ?api-version=2022-11-08`, status: 400, code: 'InvalidRequestUri' },
  { path: '/', status: 404, code: 'InvalidRequestUri' },
]

describe('a read of', () => {
  for (const { path, status, code } of reads) {
    test(`${path.replace(group, '…')} is answered ${status} ${code}`, async (context) => {
      const { arm } = await setUp(context, cosmosDbCluster)
      const response = await fetch(arm.endpoint + path)
      assert.equal(response.status, status)
      assert.partialDeepStrictEqual(await response.json(), { error: { code } })
    })
  }
})

test('the case of paths is ignored, since the SDK and Azure differ in it', async (context) => {
  const { arm } = await setUp(context, cosmosDbCluster)
  const response = await fetch(`${arm.endpoint}${cluster.toUpperCase()}?api-version=2022-11-08`)
  assert.equal(response.status, 200)
})

test('nothing can be deleted', async (context) => {
  const { arm } = await setUp(context, cosmosDbCluster)
  const response = await fetch(`${arm.endpoint}${cluster}?api-version=2022-11-08`, { method: 'DELETE' })
  assert.equal(response.status, 405)
})

const { properties, tags } = cosmosDbDeployment(4)
const { template, parameters } = properties
const [cluster_ = {}] = template['resources'] as object[]
const withResource = (change: object) => ({
  ...properties,
  template: { ...template, resources: [{ ...cluster_, ...change }] },
})
const { name: _, ...nameless } = parameters

const bodies: { what: string; name?: string; body: unknown; code: string; message: RegExp }[] = [
  {
    what: 'a body that is not JSON',
    body: 'nonsense',
    code: 'InvalidRequestContent',
    message: /could not be deserialized/,
  },
  { what: 'no properties', body: {}, code: 'InvalidRequestContent', message: /properties/ },
  { what: 'no mode', body: { properties: { template } }, code: 'InvalidRequestContent', message: /mode/ },
  {
    what: 'mode Complete',
    body: { properties: { ...properties, mode: 'Complete' } },
    code: 'InvalidRequestContent',
    message: /mode/,
  },
  {
    what: 'tags that are not strings',
    body: { tags: { from: 2 }, properties },
    code: 'InvalidRequestContent',
    message: /from/,
  },
  {
    what: 'a bare parameter',
    body: { properties: { ...properties, parameters: { ...parameters, name: 'shop' } } },
    code: 'InvalidRequestContent',
    message: /name/,
  },
  {
    what: 'no template',
    body: { properties: { mode: 'Incremental' } },
    code: 'InvalidRequestContent',
    message: /template/,
  },
  {
    what: 'no $schema',
    body: { properties: { ...properties, template: { ...template, $schema: undefined } } },
    code: 'InvalidTemplate',
    message: /\$schema/,
  },
  {
    what: 'no contentVersion',
    body: { properties: { ...properties, template: { ...template, contentVersion: undefined } } },
    code: 'InvalidTemplate',
    message: /contentVersion/,
  },
  {
    what: 'no resources',
    body: { properties: { ...properties, template: { ...template, resources: undefined } } },
    code: 'InvalidTemplate',
    message: /resources/,
  },
  {
    what: 'a missing parameter',
    body: { properties: { ...properties, parameters: nameless } },
    code: 'InvalidTemplate',
    message: /The value for the template parameter 'name' is not provided/,
  },
  {
    what: 'an unknown parameter',
    body: { properties: { ...properties, parameters: { ...parameters, nodes: { value: 4 } } } },
    code: 'InvalidTemplate',
    message: /template parameters 'nodes' in the parameters file are not valid.*'name, location,/,
  },
  {
    what: 'a parameter of another type',
    body: { properties: { ...properties, parameters: { ...parameters, workers: { value: '4' } } } },
    code: 'InvalidTemplate',
    message: /'workers' is not valid. Expected a value of type 'Integer', but received a value of type 'String'/,
  },
  {
    what: 'half a worker',
    body: { properties: { ...properties, parameters: { ...parameters, workers: { value: 2.5 } } } },
    code: 'InvalidTemplate',
    message: /received a value of type 'Float'/,
  },
  {
    what: 'an unknown function',
    body: { properties: withResource({ name: "[foo('a')]" }) },
    code: 'InvalidTemplate',
    message: /The template function 'foo' is not valid/,
  },
  {
    what: 'an element that no shipped template has',
    body: { properties: withResource({ dependsOn: ['other'] }) },
    code: 'InvalidTemplate',
    message: /dependsOn/,
  },
  {
    what: 'an unknown type',
    body: { properties: withResource({ type: 'Microsoft.DBforPostgreSQL/clusters' }) },
    code: 'InvalidResourceType',
    message: /'clusters' could not be found/,
  },
  {
    what: 'an unknown API version',
    body: { properties: withResource({ apiVersion: '2022-11-09' }) },
    code: 'NoRegisteredProviderFound',
    message: /supported api-versions are '2022-11-08/,
  },
  {
    what: 'a name of 65 characters',
    name: 'd'.repeat(65),
    body: { properties },
    code: 'DeploymentNameLengthLimitExceeded',
    message: /'65'/,
  },
  {
    what: 'a name with a space',
    name: 'a b',
    body: { properties },
    code: 'DeploymentNameInvalidCharacters',
    message: /'a b'/,
  },
]

describe('a deployment with', () => {
  for (const { what, name = 'd', body, code, message } of bodies) {
    test(`${what} is refused as ${code}`, async (context) => {
      const { arm } = await setUp(context, cosmosDbCluster)
      const path = `${group}/providers/Microsoft.Resources/deployments/${encodeURIComponent(name)}`
      const sent = typeof body === 'string' ? body : JSON.stringify(body)
      const response = await fetch(`${arm.endpoint}${path}?api-version=2025-03-01`, { method: 'PUT', body: sent })
      const { error } = (await response.json()) as { error: { code: string; message: string } }
      assert.deepEqual([response.status, error.code], [code === 'InvalidResourceType' ? 404 : 400, code])
      assert.match(error.message, message)
      assert.throws(() => arm.deployment(name), { message: `Deployment '${name}' could not be found.` })
    })
  }

  test('no mistake, with tags and a name of 64 characters, is accepted', async (context) => {
    const { arm } = await setUp(context, cosmosDbCluster)
    const name = `-_.()${'d'.repeat(59)}`
    const path = `${group}/providers/Microsoft.Resources/deployments/${name}?api-version=2025-03-01`
    const response = await fetch(arm.endpoint + path, { method: 'PUT', body: JSON.stringify({ tags, properties }) })
    assert.equal(response.status, 201)
  })
})
