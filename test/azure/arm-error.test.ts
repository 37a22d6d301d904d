import assert from 'node:assert/strict'
import { test } from 'node:test'
import { armAnswer, armFailure } from '../../src/azure/arm-error.ts'

const now = new Date('2026-11-22T20:00:00Z')

// The form of the SDK's error: the answer's body is in `details`.
const thrown = (statusCode: number, body: unknown) => ({ statusCode, message: JSON.stringify(body), details: body })
const withCode = (statusCode: number, code: string) => thrown(statusCode, { error: { code, message: 'no' } })

const advised: [status: number, code: string, advice: RegExp][] = [
  [401, 'InvalidAuthenticationToken', /check the managed identity and its tenant/],
  [403, 'AuthorizationFailed', /give the identity of the function app its role/],
  [403, 'LinkedAuthorizationFailed', /rights on the linked resource/],
  [403, 'RequestDisallowedByPolicy', /exempt the cluster from the policy/],
  [404, 'ResourceNotFound', /check CLUSTER_NAME, CLUSTER_KIND/],
  [404, 'SubscriptionNotFound', /AZURE_SUBSCRIPTION_ID/],
  [409, 'ScopeLocked', /remove the read-only lock/],
  [409, 'scopelocked', /remove the read-only lock/],
  [409, 'DeploymentQuotaExceeded', /delete old deployments of the resource group, or remove the lock/],
  [409, 'MissingSubscriptionRegistration', /register the resource provider/],
  [400, 'QuotaExceeded', /more vCores/],
  [400, 'RegionalCoresQuotaExceeded', /more vCores/],
]
for (const [status, code, advice] of advised)
  test(`${status} ${code} is azure-refused with advice`, () => {
    const { reason, message, code: failureCode } = armFailure('deploy demo', withCode(status, code), now)
    assert.deepEqual([reason, failureCode], ['azure-refused', code])
    assert.match(
      message,
      new RegExp(`asked to deploy demo, answered ${status}: ${code}: no \\(.*${advice.source}.*\\)$`),
    )
  })

const plain: [name: string, error: unknown, message: RegExp][] = [
  ['a 403 of unknown code', withCode(403, 'Forbidden'), /answered 403: Forbidden: no$/],
  [
    "a gateway's web page",
    { statusCode: 403, message: '<!DOCTYPE html>\n<html>', details: {} },
    /answered 403: a web page, probably of a proxy/,
  ],
  ['an empty 403', { statusCode: 403, message: '', details: {} }, /answered 403: no reason given$/],
  [
    'a 403 whose JSON cannot be parsed',
    { statusCode: 403, code: 'PARSE_ERROR', message: 'Error "x"\ny' },
    /403: Error "x"$/,
  ],
  ['numbers as code and message', thrown(403, { error: { code: 403, message: 7 } }), /answered 403: 403: 7$/],
  [
    'lists as code and message',
    { statusCode: 409, code: ['a'], message: ['b'], details: [] },
    /answered 409: no reason/,
  ],
  ['an error without its envelope', thrown(409, { code: 'Conflict', message: 'no' }), /answered 409: Conflict: no$/],
  ['another envelope', thrown(400, { error: 'invalid' }), /answered 400: \{"error":"invalid"\}$/],
]
for (const [name, error, message] of plain)
  test(`${name} is azure-refused without advice`, () => {
    const failure = armFailure('deploy demo', error, now)
    assert.equal(failure.reason, 'azure-refused')
    assert.match(failure.message, message)
  })

test('truncated JSON with status 201 counts as no answer', () => {
  assert.equal(armAnswer({ statusCode: 201, code: 'PARSE_ERROR', message: 'x' }), undefined)
})

for (const error of [undefined, null, 'text', 5, {}, { message: 5 }])
  test(`${JSON.stringify(error)} as an error is azure-unavailable`, () => {
    assert.equal(armFailure('deploy demo', error, now).reason, 'azure-unavailable')
  })

const waits: [header: string, until: string | undefined][] = [
  ['90', '2026-11-22T20:01:30.000Z'],
  ['Sun, 22 Nov 2026 20:05:00 GMT', '2026-11-22T20:05:00.000Z'],
  ['soon', undefined],
  ['9'.repeat(20), undefined],
]
for (const [header, until] of waits)
  test(`Retry-After: ${header} gives ${until ?? 'no time'}`, () => {
    const headers = new Map([['retry-after', header]])
    const busy = { statusCode: 429, message: 'busy', response: { headers } }
    assert.equal(armFailure('read cluster demo', busy, now).until?.toISOString(), until)
  })
