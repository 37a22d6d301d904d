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

/** Looks at the group every second, and puts in each step's alert when its second comes. */
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

test('waits, repeats at the first group interval after the repeat interval, sends the resolution once', () => {
  const steps = [
    { second: 0, name: 'a', firing: true },
    { second: 130, name: 'a', firing: false },
  ]
  assert.deepEqual(summary(play(steps, 400)), ['5: +a', '65: +a', '125: +a', '155: -a'])
  assert.deepEqual(summary(play(steps, 400, { disableResolve: true })), ['5: +a', '65: +a', '125: +a'])
})

test('a repeat interval that is a multiple of the group interval is put off by a whole one', () => {
  const sent = play([{ second: 0, name: 'a', firing: true }], 200, { repeatInterval: 60 })
  assert.deepEqual(summary(sent), ['5: +a', '95: +a', '185: +a'])
})

test('a new alert of the group goes out at the next group interval, with the ones already recordSent', () => {
  const steps = [
    { second: 0, name: 'a', firing: true },
    { second: 10, name: 'b', firing: true },
  ]
  assert.deepEqual(summary(play(steps, 60)), ['5: +a', '35: +a +b'])
})

test('what was refused is tried again every group interval', () => {
  const sent = play([{ second: 0, name: 'a', firing: true }], 100, { fails: (second) => second < 60 })
  assert.deepEqual(summary(sent), ['5: +a', '35: +a', '65: +a'])
})

test('what is over before anybody heard of it is not recordSent', () => {
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

test('never two notifications of a group within its group interval, unless all its alerts had ended', () => {
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

test('a firing alert is recordSent within wait, repeat and one group interval of any time at which nothing failed', () => {
  const longest = Math.max(usualTimes.groupWait, usualTimes.repeatInterval + usualTimes.groupInterval)
  fc.assert(
    fc.property(stepsArbitrary, (others) => {
      const steps = [{ second: 0, name: 'hot', firing: true }, ...others]
      const tellings = play(steps, 900).filter(({ alerts }) => alerts.some(({ fingerprint }) => fingerprint === 'hot'))
      const seconds = [0, ...tellings.map(({ second }) => second), 900]
      for (const [index, second] of seconds.slice(1).entries()) assert.ok(second - (seconds[index] ?? 0) <= longest)
    }),
  )
})

test('the end of an alert is recordSent at most once', () => {
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
