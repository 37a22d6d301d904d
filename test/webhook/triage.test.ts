import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseNotification } from '../../src/webhook/notification.ts'
import { triage } from '../../src/webhook/triage.ts'
import { readPayload } from '../payloads/read-payload.ts'

const address = { action: 'scale-out', cluster: 'demo' } as const
const labelled = (labels: Record<string, string>) => ({
  status: 'firing',
  labels: { alertname: 'hot', action: 'scale-out', ...labels },
  startsAt: '2026-11-22T20:00:00Z',
  fingerprint: 'f',
})
const firing = labelled({})
const resolved = { ...firing, status: 'resolved' }
const testAlert = { ...firing, labels: { alertname: 'TestAlert', instance: 'Grafana' } }
const noData = labelled({ alertname: 'DatasourceNoData', rulename: 'hot' })
const queryFailed = labelled({ alertname: 'DatasourceError', rulename: 'hot' })
const keptLast = { ...firing, annotations: { grafana_state_reason: 'Error, KeepLast' } }
const unlabelled = { ...firing, labels: { alertname: 'hot' } }
const forPeople = labelled({ action: 'people' })
const forRebalance = labelled({ action: 'rebalance' })
const elsewhere = labelled({ cluster: 'another' })

function judge(alerts: unknown[], rest: object = {}) {
  const parsed = parseNotification(JSON.stringify({ ...rest, alerts }))
  assert.ok(parsed.ok)
  const judged = triage(parsed.notification, address)
  return judged.kind === 'act' ? judged.firing.length : judged.reason
}

const cases: [name: string, alerts: unknown[], expected: number | string][] = [
  ['one fires', [firing], 1],
  ['two fire and one is resolved', [firing, resolved, firing], 2],
  ['none fires', [resolved], 'resolved'],
  ['no alert in it', [], 'resolved'],
  ['the Test button', [testAlert], 'test-alert'],
  ['the Test button beside a firing alert', [testAlert, firing], 1],
  ['no data', [noData], 'no-data'],
  ['a failed query', [queryFailed], 'no-data'],
  ['a state that KeepLast keeps on an error', [keptLast], 'no-data'],
  ['no data and a test', [noData, testAlert], 'no-data'],
  ['no data and a resolved one', [resolved, noData], 'no-data'],
  ['no data beside a firing alert', [noData, firing], 1],
  // An alert's verdict is the first that fits: test, not-ours, resolved, no-data, firing.
  ['a test that is resolved', [{ ...testAlert, status: 'resolved' }], 'test-alert'],
  ['ours by its action alone', [firing], 1],
  ['ours by its action and its cluster', [labelled({ cluster: 'demo' })], 1],
  ['without the label action', [unlabelled], 'not-ours'],
  ['for another function', [forRebalance], 'not-ours'],
  ['for people', [forPeople], 'not-ours'],
  ['for another cluster', [elsewhere], 'not-ours'],
  ['an empty label cluster is another cluster', [labelled({ cluster: '' })], 'not-ours'],
  ['an action in capitals is another action', [labelled({ action: 'Scale-Out' })], 'not-ours'],
  ['another cluster beside ours', [elsewhere, firing, unlabelled], 1],
  ['another cluster, resolved', [{ ...elsewhere, status: 'resolved' }], 'not-ours'],
  ['no data of another cluster', [labelled({ alertname: 'DatasourceNoData', cluster: 'another' })], 'not-ours'],
  ['a state that KeepLast kept, resolved', [{ ...keptLast, status: 'resolved' }], 'resolved'],
  // If none fires, the reason is the first present of no-data, test-alert, resolved, not-ours.
  ['no data, a test, resolved and another', [elsewhere, resolved, testAlert, noData], 'no-data'],
  ['a test, resolved and another', [elsewhere, resolved, testAlert], 'test-alert'],
  ['resolved and another', [elsewhere, resolved], 'resolved'],
]
for (const [name, alerts, expected] of cases) test(name, () => assert.equal(judge(alerts), expected))

test('the Test button with custom labels is recognized by its group key', () => {
  assert.equal(judge([firing], { groupKey: 'webhook-57c6d9296de2ad39-1795377630' }), 'test-alert')
  assert.equal(judge([firing], { groupKey: '{}:{alertname="hot"}' }), 1)
})

test('the status of the notification itself is ignored', () => {
  assert.equal(judge([resolved], { status: 'firing' }), 'resolved')
  assert.equal(judge([firing], { status: 'resolved' }), 1)
})

test('the counts list each verdict', () => {
  const parsed = parseNotification(
    JSON.stringify({ alerts: [firing, resolved, elsewhere, resolved, testAlert, noData] }),
  )
  assert.deepEqual(parsed.ok && triage(parsed.notification, address).counts, {
    firing: 1,
    resolved: 2,
    'not-ours': 1,
    test: 1,
    'no-data': 1,
  })
})

test('the payload of the Test button is judged as test-alert', () => {
  const parsed = parseNotification(readPayload('grafana-test-button'))
  assert.equal(parsed.ok && triage(parsed.notification, address).kind, 'ignore')
})

test('only alerts addressed to this function and this cluster fire', () => {
  const label = fc.option(fc.constantFrom('scale-out', 'rebalance', 'people', 'demo', 'another', ''), {
    nil: undefined,
  })
  const alert = fc
    .record({ action: label, cluster: label, status: fc.constantFrom('firing', 'resolved') })
    .map(({ action, cluster, status }) => ({
      ...unlabelled,
      status,
      labels: { alertname: 'hot', ...(action !== undefined && { action }), ...(cluster !== undefined && { cluster }) },
    }))
  fc.assert(
    fc.property(fc.array(alert, { maxLength: 8 }), (alerts) => {
      const parsed = parseNotification(JSON.stringify({ alerts }))
      assert.ok(parsed.ok)
      const judged = triage(parsed.notification, address)
      const fire = judged.kind === 'act' ? judged.firing : []
      for (const { labels, status } of fire) {
        assert.equal(labels.action, 'scale-out')
        assert.ok(labels.cluster === undefined || labels.cluster === 'demo')
        assert.equal(status, 'firing')
      }
      assert.equal(judged.counts.firing ?? 0, fire.length)
      assert.equal(
        Object.values(judged.counts).reduce((sum, count) => sum + count, 0),
        alerts.length,
      )
    }),
    { numRuns: 2000 },
  )
})
