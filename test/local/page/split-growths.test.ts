import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitGrowths } from '../../../src/local/page/browser/split-growths.ts'
import type { PageEvent } from '../../../src/local/page/page-event.ts'
import { accepted, answered, minute, modelOf, posted, workers } from './a-model.ts'

const calm = workers([[16, 60], [16, 60]]) // prettier-ignore
const busy = workers([[16, 95], [16, 95]]) // prettier-ignore
const arrived = workers([[16, 95], [16, 95], [0, 0]], { settled: false }) // prettier-ignore
const half = workers([[14, 74], [14, 74], [4, 24]], { settled: false }) // prettier-ignore
const spread = workers([[11, 65], [11, 65], [10, 59]]) // prettier-ignore

const upTo = (end: number, from: number, event: PageEvent): [number, PageEvent][] =>
  Array.from({ length: end - from }, (_, index) => [from + index, event])

const beginning: [number, PageEvent][] = [...upTo(5, 0, calm), ...upTo(8, 5, busy)]
const asked: [number, PageEvent][] = [
  [8, posted('scale-out', 7.5, answered('paused'))],
  [9.5, posted('scale-out', 9, accepted(2, 3))],
]

/** The minutes at which the phases of the only scale-out ended. */
function partsOf(events: [number, PageEvent][]) {
  const [growth, ...others] = splitGrowths(modelOf(events))
  assert.ok(growth && others.length === 0)
  const { crossedAt, notifiedAt, acceptedAt, arrivedAt, spreadAt, relievedAt } = growth
  return [crossedAt, notifiedAt, acceptedAt, arrivedAt, spreadAt, relievedAt].map((at) => at && at / minute)
}

test('the phases of a scale-out end at the notification, the acceptance, the arrival of workers and the last move', () =>
  assert.deepEqual(
    partsOf([...beginning, ...asked, ...upTo(19, 10, busy), [19, arrived], [20, half], ...upTo(26, 21, spread)]),
    [5, 7.5, 9.5, 19, 21, 20],
  ))

test('phases that have not ended are undefined', () => {
  assert.deepEqual(partsOf([...beginning, ...asked, [10, busy]]), [5, 7.5, 9.5, undefined, undefined, undefined])
  assert.deepEqual(partsOf([...beginning, ...asked, [19, arrived], [20, arrived]]), [
    5,
    7.5,
    9.5,
    19,
    undefined,
    undefined,
  ])
})

test('workers that are there before the answer count as arriving with it', () =>
  assert.deepEqual(
    partsOf([...beginning, [9.2, arrived], ...asked, ...upTo(16, 10, spread)]),
    [5, 7.5, 9.5, 9.5, 10, 10],
  ))

test('relief needs a CPU below the threshold for three minutes', () =>
  assert.equal(
    partsOf([...beginning, ...asked, ...upTo(12, 10, spread), ...upTo(14, 12, arrived), ...upTo(20, 14, spread)])[5],
    14,
  ))

test('a failed scale-out ends with its error, and the next one is separate', () => {
  const report = JSON.stringify({
    reason: 'status',
    history: [
      {
        kind: 'scale-out',
        ended: 'failed',
        startedAt: new Date(9.4 * minute),
        endedAt: new Date(14 * minute),
        error: 'ServerIsBusy',
      },
    ],
  })
  const growths = splitGrowths(
    modelOf([
      ...beginning,
      ...asked,
      [15, { kind: 'status', report }],
      [20, posted('scale-out', 20, accepted(2, 3))],
      ...upTo(22, 20, busy),
    ]),
  )
  assert.deepEqual(
    growths.map(({ failed }) => failed),
    [{ endedAt: 14 * minute, error: 'ServerIsBusy' }, undefined],
  )
})
