import assert from 'node:assert/strict'
import test from 'node:test'
import { createAlertEngine, firingCount } from '../../../src/local/grafana/alert-engine.ts'
import type { QueryResult } from '../../../src/local/grafana/evaluate-rule.ts'
import type { Alerting, AlertRule } from '../../../src/local/grafana/read-alerting.ts'
import { readAlerting } from '../../../src/local/grafana/read-alerting.ts'
import { shippedAlerting } from '../../../src/local/grafana/shipped-alerting.ts'
import { contactPointFile, ruleFile } from './alerting-fixture.ts'

const start = Date.UTC(2026, 0, 1)
const at = (seconds: number) => new Date(start + seconds * 1000)
const variables = {
  AUTOSCALER_URL: 'http://127.0.0.1:7071',
  AUTOSCALER_FUNCTION_KEY: '',
  AUTOSCALER_WEBHOOK_SECRET: 'a-secret',
  AUTOSCALER_ALERT_EMAIL: 'someone@example.com',
}

/** Runs in virtual time. Returns the deliveries with their times in seconds. */
function play(
  alerting: Alerting,
  until: number,
  answer: (rule: AlertRule, refId: string, second: number) => number | null,
) {
  const engine = createAlertEngine(alerting, at(0))
  const delivered: { second: number; receiver: string; firing: number }[] = []
  for (let now = engine.nextAt(); now <= at(until); now = engine.nextAt()) {
    const second = (now.getTime() - start) / 1000
    for (const rule of engine.takeDueRules(now)) {
      const answers = rule.queries.map(({ refId }): [string, QueryResult] => {
        const value = answer(rule, refId, second)
        return [refId, { ok: true, values: [{ kind: 'number', labels: {}, value }] }]
      })
      engine.evaluate(rule, new Map(answers), now)
    }
    for (const delivery of engine.takeDueDeliveries(now)) {
      engine.settle(delivery, true, now)
      delivered.push({ second, receiver: delivery.receiver, firing: firingCount(delivery) })
    }
  }
  return delivered
}

test('a change of workers reaches rebalance within 20 s in the median, and always in less than 30 s', async () => {
  const alerting = await shippedAlerting('citus', variables)
  // Spread evenly over the ten seconds between evaluations and the five between runs of the cron job.
  const changes = Array.from({ length: 200 }, (_, index): [number, number] => [
    60 + (index % 20) / 2,
    Math.floor(index / 20) / 2,
  ])
  const delays = changes.map(([changedAt, phase]) => {
    // worker_count has a row every 5 seconds: the change can be read from the next one on.
    const readableAt = Math.ceil((changedAt - phase) / 5) * 5 + phase
    const [first] = play(alerting, 200, (_, refId, second) => {
      if (refId === 'change') return second >= readableAt ? 2 : 0
      return refId === 'recent_counts' ? 24 : 0
    }).filter(({ receiver }) => receiver === 'citus-rebalance')
    return (first?.second ?? Infinity) - changedAt
  })
  const sorted = delays.sort((a, b) => a - b)
  assert.ok((sorted[100] ?? Infinity) <= 20, `the median is ${sorted[100]} s`)
  assert.ok((sorted.at(-1) ?? Infinity) < 30, `the slowest is ${sorted.at(-1)} s`)
})

test('while a cluster stays hot, the notification is repeated about every three minutes', async () => {
  const alerting = await shippedAlerting('citus', variables)
  const delivered = play(alerting, 1800, (_, refId) =>
    refId === 'recent_counts' ? 24 : refId === 'workers_metric' ? 90 : 0,
  )
  const seconds = delivered.filter(({ receiver }) => receiver === 'citus-scale-out').map(({ second }) => second)
  assert.equal(seconds[0], 120)
  for (const [index, second] of seconds.slice(1).entries()) assert.equal(second - (seconds[index] ?? 0), 180)
  assert.ok(seconds.length >= 9)
})

test('a rule with a contact point that does not exist is refused at once', () => {
  assert.throws(() => createAlertEngine(readAlerting([ruleFile()], {}), at(0)), /no contact point hook/)
})

test('a group sends nothing more until the result of its notification is known', () => {
  const engine = createAlertEngine(
    readAlerting([ruleFile({ for: '0s' }), contactPointFile('http://127.0.0.1:1')], {}),
    at(0),
  )
  const [rule] = engine.takeDueRules(at(0))
  assert.ok(rule)
  engine.evaluate(rule, new Map([['load', { ok: true, values: [{ kind: 'number', labels: {}, value: 90 }] }]]), at(0))
  const [delivery] = engine.takeDueDeliveries(at(30))
  assert.ok(delivery)
  assert.deepEqual(engine.takeDueDeliveries(at(400)), [])
  engine.settle(delivery, false, at(400))
  assert.equal(engine.takeDueDeliveries(at(400)).length, 1)
})

test('a muted alert is sent once the mute timing has ended', () => {
  const muted = {
    apiVersion: 1,
    muteTimes: [
      { orgId: 1, name: 'first hour', time_intervals: [{ times: [{ start_time: '00:00', end_time: '01:00' }] }] },
    ],
  }
  const rule = (timing: string) =>
    ruleFile({ notification_settings: { receiver: 'hook', mute_time_intervals: [timing] } })
  const documents = [contactPointFile('http://127.0.0.1:1'), muted]
  const [first] = play(readAlerting([rule('first hour'), ...documents], {}), 7200, () => 90)
  assert.ok(first && first.second >= 3600 && first.second <= 3900)
  assert.throws(
    () => createAlertEngine(readAlerting([rule('another'), ...documents], {}), at(0)),
    /no mute timing another/,
  )
})
