import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { isFiring, type Alert } from '../../../src/local/grafana/alert.ts'
import {
  emptyGroup,
  flush,
  recordSent,
  withAlert,
  type NotificationGroup,
} from '../../../src/local/grafana/notification-group.ts'

const usualTimes = { groupWait: 5, groupInterval: 30, repeatInterval: 45 }
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000)
const alert = (name: string, firing: boolean, second: number): Alert => ({
  ruleUid: 'a-rule',
  fingerprint: name,
  labels: { name },
  annotations: {},
  startsAt: at(0),
  ...(firing ? {} : { endsAt: at(second) }),
  values: null,
})

type Step = { second: number; name: string; firing: boolean }
type Sent = { second: number; delivered: boolean; alerts: readonly Alert[] }

/** Flushes the group every second, and adds the alert of each step at its second. */
function play(
  steps: readonly Step[],
  until: number,
  options: { disableResolve?: boolean; fails?: (second: number) => boolean; repeatInterval?: number } = {},
) {
  const times = { ...usualTimes, ...(options.repeatInterval && { repeatInterval: options.repeatInterval }) }
  const sent: Sent[] = []
  let group: NotificationGroup = emptyGroup
  for (let second = 0; second <= until; second++) {
    for (const step of steps.filter((candidate) => candidate.second === second))
      group = withAlert(group, alert(step.name, step.firing, second), times, at(second))
    const flushed = flush(group, times, options.disableResolve ?? false, at(second))
    group = flushed.group
    if (flushed.due.length === 0) continue
    const delivered = !options.fails?.(second)
    sent.push({ second, delivered, alerts: flushed.due })
    if (delivered) group = recordSent(group, flushed.due, at(second))
  }
  return sent
}

const summary = (sent: readonly Sent[]) =>
  sent.map(
    ({ second, alerts }) =>
      `${second}: ${alerts.map((one) => (isFiring(one) ? '+' : '-') + one.fingerprint).join(' ')}`,
  )

test('an alert is sent after the group wait, repeated at the first group interval after the repeat interval, and resolved once', () => {
  const steps = [
    { second: 0, name: 'a', firing: true },
    { second: 130, name: 'a', firing: false },
  ]
  assert.deepEqual(summary(play(steps, 400)), ['5: +a', '65: +a', '125: +a', '155: -a'])
  assert.deepEqual(summary(play(steps, 400, { disableResolve: true })), ['5: +a', '65: +a', '125: +a'])
})

test('with a repeat interval that is a multiple of the group interval, the repetition comes one group interval later', () => {
  const sent = play([{ second: 0, name: 'a', firing: true }], 200, { repeatInterval: 60 })
  assert.deepEqual(summary(sent), ['5: +a', '95: +a', '185: +a'])
})

test('a new alert of the group is sent at the next group interval, with those already sent', () => {
  const steps = [
    { second: 0, name: 'a', firing: true },
    { second: 10, name: 'b', firing: true },
  ]
  assert.deepEqual(summary(play(steps, 60)), ['5: +a', '35: +a +b'])
})

test('a failed notification is sent again every group interval', () => {
  const sent = play([{ second: 0, name: 'a', firing: true }], 100, { fails: (second) => second < 60 })
  assert.deepEqual(summary(sent), ['5: +a', '35: +a', '65: +a'])
})

test('an alert that ends before the group wait is not sent', () => {
  const steps = [
    { second: 0, name: 'a', firing: true },
    { second: 3, name: 'a', firing: false },
  ]
  assert.deepEqual(play(steps, 100), [])
})

const stepsArbitrary = fc.array(
  fc.record({ second: fc.nat(600), name: fc.constantFrom('a', 'b', 'c'), firing: fc.boolean() }),
  { maxLength: 20 },
)

test('a group sends no two notifications within its group interval, unless all its alerts had ended', () => {
  fc.assert(
    fc.property(stepsArbitrary, fc.func(fc.boolean()), (steps, fails) => {
      const sent = play(steps, 900, { fails })
      for (const [index, { second, alerts, delivered }] of sent.slice(0, -1).entries())
        if (!delivered || alerts.some(isFiring)) {
          const next = sent[index + 1]
          assert.ok(next && next.second - second >= usualTimes.groupInterval)
        }
    }),
  )
})

test('without failures, a firing alert is sent again within the repeat interval and one group interval', () => {
  const longest = Math.max(usualTimes.groupWait, usualTimes.repeatInterval + usualTimes.groupInterval)
  fc.assert(
    fc.property(stepsArbitrary, (others) => {
      const steps = [{ second: 0, name: 'hot', firing: true }, ...others]
      const notifications = play(steps, 900).filter(({ alerts }) =>
        alerts.some(({ fingerprint }) => fingerprint === 'hot'),
      )
      const seconds = [0, ...notifications.map(({ second }) => second), 900]
      for (const [index, second] of seconds.slice(1).entries()) assert.ok(second - (seconds[index] ?? 0) <= longest)
    }),
  )
})

test('the end of an alert is sent at most once', () => {
  fc.assert(
    fc.property(stepsArbitrary, (steps) => {
      const ends = play(steps, 900)
        .flatMap(({ alerts }) => alerts)
        .filter((one) => !isFiring(one))
        .map(({ fingerprint, endsAt }) => `${fingerprint} ${endsAt?.toISOString()}`)
      assert.equal(new Set(ends).size, ends.length)
    }),
  )
})
