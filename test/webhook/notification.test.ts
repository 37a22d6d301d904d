import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseNotification } from '../../src/webhook/notification.ts'
import { readPayload } from '../payloads/read-payload.ts'

const alert = { status: 'firing', labels: {}, startsAt: '2026-11-22T20:00:00Z', fingerprint: 'f' }

for (const name of ['grafana-firing', 'grafana-test-button', 'alertmanager-firing']) {
  test(`${name}.json is a notification`, () => {
    const parsed = parseNotification(readPayload(name))
    assert.equal(parsed.ok && parsed.notification.alerts.length, 1)
  })
}

const accepted: [name: string, body: unknown][] = [
  ['only the required fields', { alerts: [alert] }],
  ['an empty list of alerts', { alerts: [] }],
  ['unknown fields', { alerts: [{ ...alert, enrichments: { a: [1] } }], futureField: true }],
  ['values that are null', { alerts: [{ ...alert, values: null, annotations: null }] }],
  [
    'a time with nanoseconds and an offset',
    { alerts: [{ ...alert, startsAt: '2026-11-22T21:00:00.123456789+01:00' }] },
  ],
]
for (const [name, body] of accepted) {
  test(`accepted: ${name}`, () => assert.deepEqual(parseNotification(JSON.stringify(body)).ok, true))
}

const refused: [name: string, body: string, problem: RegExp][] = [
  ['an empty body', '', /^the body is empty$/],
  ['no JSON', '{"alerts":', /^the body is not JSON$/],
  ['JSON of another shape', '[1]', /^the body: .*expected object/],
  ['null', 'null', /^the body: /],
  ['no alerts', '{}', /^alerts: /],
  ['an unknown status', JSON.stringify({ alerts: [{ ...alert, status: 'pending' }] }), /^alerts\[0\]\.status: /],
  [
    'labels that are not strings',
    JSON.stringify({ alerts: [alert, { ...alert, labels: { a: 1 } }] }),
    /^alerts\[1\]\.labels\.a: /,
  ],
  [
    'a time that is not valid',
    JSON.stringify({ alerts: [{ ...alert, startsAt: 'today' }] }),
    /^alerts\[0\]\.startsAt: /,
  ],
  ['no fingerprint', JSON.stringify({ alerts: [{ ...alert, fingerprint: '' }] }), /^alerts\[0\]\.fingerprint: /],
]
for (const [name, body, problem] of refused) {
  test(`refused with its path: ${name}`, () => {
    const parsed = parseNotification(body)
    assert.match(parsed.ok ? '' : parsed.problems.join('\n'), problem)
  })
}

test('the first problems are named, the others counted', () => {
  const bad = { status: 'x', labels: 1, startsAt: 2, fingerprint: 3 }
  const one = parseNotification(JSON.stringify({ alerts: [bad] }))
  assert.equal(one.ok ? 0 : one.problems.length, 4)
  const many = parseNotification(JSON.stringify({ alerts: Array.from({ length: 100 }, () => bad) }))
  assert.equal(many.ok ? '' : many.problems.at(-1), 'and 200 more')
})
