import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseNotification } from '../../src/webhook/notification.ts'
import { triage } from '../../src/webhook/triage.ts'
import { readPayload } from '../payloads/read-payload.ts'

const firing = { status: 'firing', labels: { alertname: 'hot' }, startsAt: '2026-11-22T20:00:00Z', fingerprint: 'f' }
const resolved = { ...firing, status: 'resolved' }
const testAlert = { ...firing, labels: { alertname: 'TestAlert', instance: 'Grafana' } }
const noData = { ...firing, labels: { alertname: 'DatasourceNoData', rulename: 'hot' } }
const queryFailed = { ...firing, labels: { alertname: 'DatasourceError', rulename: 'hot' } }
const keptLast = { ...firing, annotations: { grafana_state_reason: 'Error, KeepLast' } }

function judge(alerts: unknown[], rest: object = {}) {
  const parsed = parseNotification(JSON.stringify({ ...rest, alerts }))
  assert.ok(parsed.ok)
  const judged = triage(parsed.notification)
  return judged.kind === 'act' ? judged.firing.length : judged.reason
}

const cases: [name: string, alerts: unknown[], expected: number | string][] = [
  ['one fires', [firing], 1],
  ['two fire and one is resolved', [firing, resolved, firing], 2],
  ['none fires', [resolved], 'resolved'],
  ['there is none', [], 'resolved'],
  ['the Test button', [testAlert], 'test-alert'],
  ['the Test button beside a real one', [testAlert, firing], 1],
  ['no data', [noData], 'no-data'],
  ['a failed query', [queryFailed], 'no-data'],
  ['a state that is kept over an error', [keptLast], 'no-data'],
  ['no data and a test', [noData, testAlert], 'no-data'],
  ['no data and a resolved one', [resolved, noData], 'no-data'],
  ['no data beside a real one', [noData, firing], 1],
  ['a test that is resolved', [{ ...testAlert, status: 'resolved' }], 'resolved'],
]
for (const [name, alerts, expected] of cases) test(name, () => assert.equal(judge(alerts), expected))

test('the Test button with labels of its own is known by its group key', () => {
  assert.equal(judge([firing], { groupKey: 'webhook-57c6d9296de2ad39-1795377630' }), 'test-alert')
  assert.equal(judge([firing], { groupKey: '{}:{alertname="hot"}' }), 1)
})

test('the status of a notification as a whole counts for nothing', () => {
  assert.equal(judge([resolved], { status: 'firing' }), 'resolved')
  assert.equal(judge([firing], { status: 'resolved' }), 1)
})

test('the counts name each verdict', () => {
  const parsed = parseNotification(JSON.stringify({ alerts: [firing, resolved, resolved, testAlert, noData] }))
  assert.deepEqual(parsed.ok && triage(parsed.notification).counts, { firing: 1, resolved: 2, test: 1, 'no-data': 1 })
})

test('the payload of the Test button is a test', () => {
  const parsed = parseNotification(readPayload('grafana-test-button'))
  assert.equal(parsed.ok && triage(parsed.notification).kind, 'ignore')
})
