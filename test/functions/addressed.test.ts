import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sign } from '../../src/webhook/signature.ts'
import { readPayload } from '../payloads/read-payload.ts'
import { onlyRead } from './on-cluster.ts'
import { withArm } from './arm.ts'
import { completeSettings, forEachApp } from './serve.ts'

const alert = (labels: Record<string, string>, cpu: number) => ({
  status: 'firing',
  labels: { alertname: 'TLS certificate of the shop expires', ...labels },
  annotations: {},
  startsAt: '2026-11-22T20:00:00Z',
  fingerprint: `f-${cpu}`,
  values: { cpu_percent: cpu },
})
const notification = (...alerts: object[]) => JSON.stringify({ version: '1', status: 'firing', alerts })

const secret = 'a-secret-word'
const signed = (body: string) => {
  const timestamp = String(Math.floor(Date.now() / 1000))
  return {
    'x-grafana-alerting-signature': sign(secret, timestamp, new TextEncoder().encode(body)),
    'x-grafana-alerting-timestamp': timestamp,
  }
}

const notAddressed: [name: string, path: string, body: string, named: RegExp][] = [
  ['an alert without an action', 'scale-out', notification(alert({}, 99)), /label action must be scale-out/],
  ['an alert for people', 'scale-out', notification(alert({ action: 'people', cluster: 'demo' }, 99)), /label action/],
  [
    "another cluster's alert",
    'scale-out',
    notification(alert({ action: 'scale-out', cluster: 'another-cluster' }, 99)),
    /cluster.* demo/,
  ],
  ['the notification for rebalance', 'scale-out', readPayload('grafana-rebalance'), /label action must be scale-out/],
  ['the notification for scale-out', 'rebalance', readPayload('grafana-firing'), /label action must be rebalance/],
]

forEachApp(({ serve }) => {
  for (const [name, path, body, named] of notAddressed)
    test(`${name}, signed and posted to ${path}, is ignored without an upstream call`, async (t) => {
      const { arm, settings } = await withArm(t)
      const { post } = await serve(t, { ...settings, WEBHOOK_SECRETS: secret })
      const answer = await post(path, body, signed(body))
      assert.deepEqual([answer.status, answer.outcome, answer.reason], [200, 'ignored', 'not-ours'])
      assert.deepEqual(answer.alerts, { 'not-ours': 1 })
      assert.match(answer.message, named)
      assert.deepEqual(arm.requests, [])
    })

  test('only the CPU values of the addressed alerts are used', async (t) => {
    const { settings } = await withArm(t, { properties: { nodeCount: 10 } })
    const { post } = await serve(t, settings)
    const others = [{ action: 'scale-out', cluster: 'another-cluster' }, { action: 'people' }, {}]
    const alerts = [...others.map((labels) => alert(labels, 100)), alert({ action: 'scale-out' }, 70)]
    const answer = await post('scale-out', notification(...alerts))
    assert.deepEqual([answer.reason, answer.workers], ['scaling-out', { from: 10, to: 11 }])
    assert.deepEqual(answer.alerts, { 'not-ours': 3, firing: 1 })
    assert.match(answer.message, /mean CPU 70\.0 %/)
  })

  test('a resolved alert and one that is not addressed: the reason is resolved', async (t) => {
    const { post } = await serve(t, completeSettings)
    const resolved = { ...alert({ action: 'scale-out' }, 10), status: 'resolved' }
    const { reason, alerts } = await post('scale-out', notification(alert({}, 99), resolved))
    assert.deepEqual([reason, alerts], ['resolved', { 'not-ours': 1, resolved: 1 }])
  })

  test('an alert counts with the right label cluster, and without that label', async (t) => {
    const { arm, settings } = await withArm(t)
    const { post } = await serve(t, { ...settings, AUTOSCALE_MODE: 'dry-run' })
    for (const labels of [{ action: 'scale-out' }, { action: 'scale-out', cluster: 'demo' }])
      assert.equal((await post('scale-out', notification(alert(labels, 90)))).reason, 'dry-run')
    assert.ok(onlyRead(arm))
  })
})
