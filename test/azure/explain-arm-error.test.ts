import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainArmError } from '../../src/azure/explain-arm-error.ts'

const cases: [name: string, error: unknown, code: string | undefined, message: string][] = [
  ['an error without details', { code: 'Conflict', message: 'busy' }, 'Conflict', 'Conflict: busy'],
  [
    'an error nested in DeploymentFailed',
    { code: 'DeploymentFailed', message: 'outer', details: [{ code: 'ServerIsBusy', message: 'inner' }] },
    'ServerIsBusy',
    'ServerIsBusy: inner',
  ],
  [
    'a message that is JSON',
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
  ['JSON that is not an error as message', { code: 'A', message: '{"x":1}' }, 'A', 'A: {"x":1}'],
  ['a numeric code', { code: 409, message: 'busy' }, '409', '409: busy'],
  ['details that are not a list', { code: 'A', details: { code: 'B', message: 'b' } }, 'B', 'B: b'],
  ['useless details', { code: 'A', message: 'a', details: [null, 5, 'x', {}, []] }, 'A', 'A: a'],
  ['a message that is not text', { code: 'A', message: { text: 'a' } }, 'A', 'A'],
  ['several lines', { code: 'A', message: 'a.\r\nb.\n' }, 'A', 'A: a. b.'],
  ['a message alone', { message: 'a', details: null }, undefined, 'a'],
]
for (const [name, error, code, message] of cases)
  test(`ARM's error: ${name} is explained as ${message}`, () =>
    assert.deepEqual(explainArmError(error), { code, message }))

for (const error of [null, undefined, 'text', 5, [], {}, { code: null, message: null }])
  test(`ARM's error: ${JSON.stringify(error)} has no explanation`, () =>
    assert.equal(explainArmError(error), undefined))
