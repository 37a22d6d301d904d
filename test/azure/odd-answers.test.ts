import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import fc from 'fast-check'
import { isInFull } from '../in-full.ts'
import { reasons } from '../../src/scaling/reasons.ts'
import { properties } from '../functions/arm.ts'
import { apps, completeSettings } from '../functions/serve.ts'
import { serveAnswers, type RawAnswer } from './serve-answers.ts'

const record = {
  id: '/deployments/autoscale-demo',
  tags: { from: '2', to: '4', reason: 'CPU', attempt: '1' },
  properties: {
    provisioningState: 'Failed',
    timestamp: '2026-11-22T20:10:00Z',
    duration: 'PT9M',
    correlationId: 'c',
    error: {
      code: 'DeploymentFailed',
      message: 'm',
      details: [{ code: 'Conflict', message: '{"error":{"code":"x"}}' }],
    },
  },
}
const resources = {
  'cosmosdb-postgresql': {
    location: 'westeurope',
    tags: { team: 'ads' },
    properties: { ...properties, state: 'Ready', provisioningState: 'Succeeded' },
  },
  'elastic-cluster': {
    location: 'westeurope',
    tags: { team: 'ads' },
    sku: { name: 'Standard_D4ds_v5', tier: 'GeneralPurpose' },
    identity: { type: 'UserAssigned', userAssignedIdentities: { '/a': { clientId: '1' } } },
    properties: { state: 'Ready', cluster: { clusterSize: 2 }, storage: { storageSizeGB: 64 } },
  },
}
const refusal = {
  error: { code: 'DeploymentFailed', message: 'no', details: [{ code: 'QuotaExceeded', message: '8' }] },
}

type Odd = { at: number; value: unknown }

/** Its JSON with part number `at` replaced or removed. */
function withOdd(whole: unknown, { at, value }: Odd): string {
  let index = 0
  const changed: unknown = JSON.parse(JSON.stringify(whole), (_key, part: unknown) => (index++ === at ? value : part))
  return changed === undefined ? 'null' : JSON.stringify(changed)
}

const oddValue = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, 0, -1, 1e300, '', 'x', '2', [], {}, [null], { a: { b: 1 } }),
  fc.jsonValue({ maxDepth: 2 }),
)
const odd = fc.record({ at: fc.nat(30), value: oddValue })
const status = fc.constantFrom(200, 201, 202, 204, 301, 400, 403, 404, 409, 429, 500, 503)
const type = fc.constantFrom('application/json', 'text/html', 'text/plain')

// ARM's answers with one odd part each; in one of five cases one of the answers is arbitrary.
const answers = fc.record({
  kind: fc.constantFrom('cosmosdb-postgresql' as const, 'elastic-cluster' as const),
  resource: odd,
  record: odd,
  refusal: odd,
  accepts: fc.boolean(),
  any: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.record({
        to: fc.constantFrom('resource', 'record', 'PUT', 'operation'),
        status,
        type,
        body: fc.oneof(fc.json(), fc.string()),
      }),
    },
  ),
})

// Examples that always run, so that each expected reason is seen. Part number 6 is the record's state.
const unchanged = { at: 99, value: undefined }
const accepted = {
  kind: 'elastic-cluster' as const,
  resource: unchanged,
  record: unchanged,
  refusal: unchanged,
  accepts: true,
  any: null,
}
const running = { ...accepted, record: { at: 6, value: 'Running' } }
const refused = { ...accepted, accepts: false }
const unknown = { ...accepted, any: { to: 'resource', status: 503, type: 'text/html', body: 'x' } as const }

function targetOf({ method = '', url = '' }: IncomingMessage): string {
  if (method === 'PUT') return 'PUT'
  if (url.includes('operationStatuses')) return 'operation'
  return url.includes('/deployments/') ? 'record' : 'resource'
}

test('any odd answer of ARM leads to an answer of the contract', async (t) => {
  let now: ReturnType<typeof answers.generate>['value'] | undefined
  const answer = (request: IncomingMessage): RawAnswer => {
    const asked = targetOf(request)
    if (!now || now.any?.to === asked) return now?.any ?? { body: {} }
    const operation = `http://${request.headers.host}/operationStatuses/1`
    switch (asked) {
      case 'resource':
        return { body: withOdd(resources[now.kind], now.resource) }
      case 'record':
        return { body: withOdd(record, now.record) }
      case 'PUT':
        return now.accepts
          ? { status: 201, headers: { 'azure-asyncoperation': operation }, body: withOdd(record, now.record) }
          : { status: 409, body: withOdd(refusal, now.refusal) }
      default:
        return { body: withOdd({ status: 'Failed', ...refusal }, now.refusal) }
    }
  }
  const endpoint = await serveAnswers(t, answer)
  const settings = { ...completeSettings, AZURE_RESOURCE_MANAGER_ENDPOINT: endpoint }
  const functions = {
    'cosmosdb-postgresql': await apps.source.serve(t, { ...settings, CLUSTER_KIND: 'cosmosdb-postgresql' }),
    'elastic-cluster': await apps.source.serve(t, { ...settings, CLUSTER_KIND: 'elastic-cluster' }),
  }
  const known: Record<string, { outcome: string; status: number } | undefined> = reasons
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(answers, async (given) => {
      now = given
      const { reason, outcome, status, message } = await functions[given.kind].post('scale-out')
      seen.add(reason)
      assert.deepEqual({ outcome, status }, known[reason], message)
      assert.match(message, /^[^\n]{10,}$/)
      if (given.any === null) assert.notEqual(reason, 'azure-unavailable', message)
    }),
    { numRuns: isInFull ? 300 : 100, examples: [[running], [accepted], [refused], [unknown]] },
  )
  for (const reason of ['scaling-out', 'operation-in-progress', 'azure-refused', 'azure-unavailable'])
    assert.ok(seen.has(reason), `${reason} is missing in ${[...seen].join(', ')}`)
})
