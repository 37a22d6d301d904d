import assert from 'node:assert/strict'
import test from 'node:test'
import { isMuted, readMuteTiming } from '../../../src/local/grafana/mute-timing.ts'

const timing = (interval: Record<string, unknown>) =>
  readMuteTiming({
    orgId: 1,
    name: 'a timing',
    time_intervals: [JSON.parse(JSON.stringify(interval)) as Record<string, never>],
  })

const officeHours = { weekdays: ['monday:friday'], times: [{ start_time: '08:00', end_time: '18:00' }] }
// 2026-01-02 is a Friday.
const cases: [interval: Record<string, unknown>, time: string, muted: boolean][] = [
  [officeHours, '2026-01-02T07:59:59Z', false],
  [officeHours, '2026-01-02T08:00:00Z', true],
  [officeHours, '2026-01-02T17:59:59Z', true],
  [officeHours, '2026-01-02T18:00:00Z', false],
  [officeHours, '2026-01-03T12:00:00Z', false],
  [{ ...officeHours, location: 'Europe/Berlin' }, '2026-01-02T07:00:00Z', true],
  [{ ...officeHours, location: 'America/New_York' }, '2026-01-02T08:00:00Z', false],
  [{ weekdays: ['sunday', 'saturday'] }, '2026-01-04T23:00:00Z', true],
  [{ times: [{ start_time: '22:00', end_time: '24:00' }] }, '2026-01-02T23:59:59Z', true],
  [{}, '2026-01-02T00:00:00Z', true],
]
for (const [interval, time, muted] of cases)
  test(`${time} is ${muted ? 'in' : 'outside'} ${JSON.stringify(interval)}`, () => {
    assert.equal(isMuted(timing(interval), new Date(time)), muted)
  })

for (const interval of [
  { weekdays: ['friday:monday'] },
  { weekdays: ['Friday'] },
  { months: ['1:3'] },
  { times: [{ start_time: '8', end_time: '9' }] },
])
  test(`${JSON.stringify(interval)} is refused with its name`, () => {
    assert.throws(() => timing(interval), /mute timing a timing/)
  })
