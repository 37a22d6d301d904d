import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CredentialUnavailableError } from '@azure/identity'
import { armFailure, explainArmError } from '../../src/azure/arm-error.ts'

const cases: [name: string, error: unknown, code: string, message: string][] = [
  ['one without details', { code: 'Conflict', message: 'busy' }, 'Conflict', 'Conflict: busy'],
  [
    'what is nested in DeploymentFailed',
    { code: 'DeploymentFailed', message: 'outer', details: [{ code: 'ServerIsBusy', message: 'inner' }] },
    'ServerIsBusy',
    'ServerIsBusy: inner',
  ],
  [
    'a message that is JSON itself',
    {
      code: 'DeploymentFailed',
      details: [{ code: 'Conflict', message: '{"error":{"code":"QuotaExceeded","message":"8 vCores"}}' }],
    },
    'QuotaExceeded',
    'QuotaExceeded: 8 vCores',
  ],
  [
    'several causes',
    {
      code: 'A',
      details: [
        { code: 'B', message: 'b' },
        { code: 'C', message: 'c' },
      ],
    },
    'B',
    'B: b; C: c',
  ],
  ['a message that only begins like JSON', { code: 'A', message: '{x' }, 'A', 'A: {x'],
  ['no error at all', null, 'Unknown', 'no error details were recorded'],
]
for (const [name, error, code, message] of cases)
  test(`ARM's error: ${name}`, () => assert.deepEqual(explainArmError(error), { code, message }))

test('a missing identity is named as what it is', () => {
  const failure = armFailure(
    'read cluster demo',
    new CredentialUnavailableError('no managed identity endpoint found'),
    new Date(),
  )
  assert.equal(failure.reason, 'azure-unavailable')
  assert.match(failure.message, /no managed identity endpoint found \(give the function app its managed identity/)
})

const now = new Date('2026-11-22T20:00:00Z')
const waits: [header: string, until: string | undefined][] = [
  ['90', '2026-11-22T20:01:30.000Z'],
  ['Sun, 22 Nov 2026 20:05:00 GMT', '2026-11-22T20:05:00.000Z'],
  ['soon', undefined],
  ['9'.repeat(20), undefined],
]
for (const [header, until] of waits)
  test(`Retry-After: ${header}`, () => {
    const headers = new Map([['retry-after', header]])
    const busy = { statusCode: 429, message: 'busy', response: { headers } }
    assert.equal(armFailure('read cluster demo', busy, now).until?.toISOString(), until)
  })
