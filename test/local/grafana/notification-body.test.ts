import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import type { Alert } from '../../../src/local/grafana/alert.ts'
import { notificationBody, notificationHeaders } from '../../../src/local/grafana/notification-body.ts'

const alert = (fields: Partial<Alert> = {}): Alert => ({
  ruleUid: 'a-rule',
  fingerprint: '0123456789abcdef',
  labels: { alertname: 'Load is high', node: 'a' },
  annotations: { summary: 'hot' },
  startsAt: new Date('2026-01-01T00:00:00Z'),
  values: { cpu_percent: 91.5, hot: 1 },
  ...fields,
})
const identity = { receiver: 'a.b (c)', groupKey: '{}:{}', groupLabels: {}, externalUrl: 'http://localhost:3000/' }

test('the status is firing while an alert fires, and resolved when none does', () => {
  const ended = alert({ endsAt: new Date('2026-01-01T00:05:00Z'), labels: { alertname: 'Load is high', node: 'b' } })
  const mixed = notificationBody([alert(), ended], identity)
  assert.equal(mixed.status, 'firing')
  assert.equal(mixed.state, 'alerting')
  assert.deepEqual(
    mixed.alerts.map(({ status, endsAt }) => [status, endsAt]),
    [
      ['firing', '0001-01-01T00:00:00Z'],
      ['resolved', '2026-01-01T00:05:00.000Z'],
    ],
  )
  assert.deepEqual(mixed.commonLabels, { alertname: 'Load is high' })
  assert.equal(notificationBody([ended], identity).status, 'resolved')
})

test('the receiver is escaped, as by Grafana', () => {
  assert.equal(notificationBody([alert()], identity).receiver, 'a\\.b \\(c\\)')
})

test('the body has the fields of a body from Grafana', async () => {
  const path = new URL('../../payloads/grafana-firing.json', import.meta.url)
  const example = JSON.parse(await readFile(path, 'utf8')) as { alerts: [object] }
  const body = notificationBody([alert()], identity)
  const optional = new Set(['appVersion'])
  assert.deepEqual(
    Object.keys(body).sort(),
    Object.keys(example)
      .filter((key) => !optional.has(key))
      .sort(),
  )
  assert.deepEqual(Object.keys(body.alerts[0] ?? {}).sort(), Object.keys(example.alerts[0]).sort())
})

// printf '1700000000:{"a":1}' | openssl dgst -sha256 -hmac Jefe
test('the signature covers seconds, a colon and the body, in lowercase hex', () => {
  const settings = {
    url: 'http://localhost',
    httpMethod: 'POST' as const,
    headers: { 'x-functions-key': 'a-key' },
    hmacConfig: { secret: 'Jefe', header: 'X-Signature', timestampHeader: 'X-Timestamp' },
  }
  const headers = notificationHeaders(settings, '{"a":1}', new Date(1_700_000_000_999))
  assert.equal(headers['X-Timestamp'], '1700000000')
  assert.equal(headers['X-Signature'], 'ffa71d272d48317017bac2fd5079fb75db634bd76c04dc49df12fa3c47100e19')
  assert.equal(headers['x-functions-key'], 'a-key')
})
