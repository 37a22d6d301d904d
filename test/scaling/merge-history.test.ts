import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LastScaleOut } from '../../src/scaling/cluster-state.ts'
import { mergeHistory, type HistoryEntry, type RecordedHistory } from '../../src/scaling/merge-history.ts'
import { anyLastScaleOut } from './arbitraries.ts'
import { minutesAgo, now } from './topologies.ts'

const growth = (minutes: number, from: number, to: number) => ({ at: minutesAgo(minutes), from, to })
const rebalance = (job: number, state: string, started: number | undefined, finished?: number, error?: string) => ({
  job,
  state,
  startedAt: started === undefined ? undefined : minutesAgo(started),
  finishedAt: finished === undefined ? undefined : minutesAgo(finished),
  moves: 8,
  error,
})
const nothing: RecordedHistory = { growths: [], rebalances: [] }
const deployed: LastScaleOut = {
  kind: 'succeeded',
  startedAt: minutesAgo(60),
  endedAt: minutesAgo(50),
  from: 2,
  to: 4,
  reason: 'CPU is high',
}
const entry = {
  kind: 'scale-out',
  startedAt: minutesAgo(60),
  endedAt: minutesAgo(50),
  from: 2,
  to: 4,
  seconds: { provision: 600 },
  askedBy: 'CPU is high',
  ended: 'succeeded',
}

const cases: [name: string, recorded: Partial<RecordedHistory>, last: LastScaleOut, expected: object[]][] = [
  ['nothing has happened', {}, { kind: 'none' }, []],
  ['a deployment that ended', {}, deployed, [entry]],
  ['the rise of worker_count by a deployment is not listed again', { growths: [growth(55, 2, 4)] }, deployed, [entry]],
  ['a rise within ten minutes after a deployment belongs to it', { growths: [growth(40, 2, 4)] }, deployed, [entry]],
  [
    "a rise long after a deployment is a person's",
    { growths: [growth(39, 4, 5)] },
    deployed,
    [{ kind: 'scale-out', endedAt: minutesAgo(39), from: 4, to: 5, ended: 'succeeded' }, entry],
  ],
  [
    'a deployment without worker numbers takes them from the rise',
    { growths: [growth(55, 2, 4)] },
    { kind: 'succeeded', startedAt: minutesAgo(60), endedAt: minutesAgo(50) },
    [{ kind: 'scale-out', startedAt: minutesAgo(60), endedAt: minutesAgo(50), from: 2, to: 4, seconds: { provision: 600 }, ended: 'succeeded' }], // prettier-ignore
  ],
  [
    'a running deployment',
    {},
    { kind: 'running', detail: 'x', startedAt: minutesAgo(3), from: 2, to: 3 },
    [{ kind: 'scale-out', startedAt: minutesAgo(3), from: 2, to: 3, ended: 'running' }],
  ],
  [
    'a failed deployment has its error',
    {},
    { kind: 'failed', startedAt: minutesAgo(9), endedAt: minutesAgo(5), attempt: 2, error: 'no capacity' },
    [
      {
        kind: 'scale-out',
        startedAt: minutesAgo(9),
        endedAt: minutesAgo(5),
        seconds: { provision: 240 },
        ended: 'failed',
        error: 'no capacity',
      },
    ],
  ],
  [
    'rebalances that were cancelled, failed or succeeded',
    {
      rebalances: [
        rebalance(4, 'running', 5),
        rebalance(3, 'cancelled', 20, 19),
        rebalance(2, 'failed', 40, 30, 'no space left'),
        rebalance(1, 'finished', 60, 50),
      ],
    },
    { kind: 'none' },
    [
      { kind: 'rebalance', startedAt: minutesAgo(5), moves: 8, ended: 'running' },
      { kind: 'rebalance', startedAt: minutesAgo(20), endedAt: minutesAgo(19), moves: 8, seconds: { move: 60 }, ended: 'cancelled' }, // prettier-ignore
      { kind: 'rebalance', startedAt: minutesAgo(40), endedAt: minutesAgo(30), moves: 8, seconds: { move: 600 }, ended: 'failed', error: 'no space left' }, // prettier-ignore
      { kind: 'rebalance', startedAt: minutesAgo(60), endedAt: minutesAgo(50), moves: 8, seconds: { move: 600 }, ended: 'succeeded' }, // prettier-ignore
    ],
  ],
  [
    'seconds.move of a scale-out lasts until the first rebalance after it that succeeded',
    { rebalances: [rebalance(3, 'finished', 20, 10), rebalance(2, 'finished', 45, 40), rebalance(1, 'cancelled', 52, 49)], growths: [growth(30, 4, 5)] }, // prettier-ignore
    deployed,
    [
      { kind: 'rebalance', startedAt: minutesAgo(20), endedAt: minutesAgo(10), moves: 8, seconds: { move: 600 }, ended: 'succeeded' }, // prettier-ignore
      { kind: 'scale-out', endedAt: minutesAgo(30), from: 4, to: 5, seconds: { move: 1200 }, ended: 'succeeded' },
      { kind: 'rebalance', startedAt: minutesAgo(45), endedAt: minutesAgo(40), moves: 8, seconds: { move: 300 }, ended: 'succeeded' }, // prettier-ignore
      { kind: 'rebalance', startedAt: minutesAgo(52), endedAt: minutesAgo(49), moves: 8, seconds: { move: 180 }, ended: 'cancelled' }, // prettier-ignore
      { ...entry, seconds: { provision: 600, move: 600 } },
    ],
  ],
  [
    'a rebalance long after a scale-out does not count for it, and one that ended before the deployment is 0 seconds',
    { rebalances: [rebalance(2, 'finished', 20, 10), rebalance(1, 'finished', 52, 51)], growths: [growth(30, 4, 5)] },
    deployed,
    [
      { kind: 'rebalance', startedAt: minutesAgo(20), endedAt: minutesAgo(10), moves: 8, seconds: { move: 600 }, ended: 'succeeded' }, // prettier-ignore
      { kind: 'scale-out', endedAt: minutesAgo(30), from: 4, to: 5, seconds: { move: 1200 }, ended: 'succeeded' },
      { kind: 'rebalance', startedAt: minutesAgo(52), endedAt: minutesAgo(51), moves: 8, seconds: { move: 60 }, ended: 'succeeded' }, // prettier-ignore
      { ...entry, seconds: { provision: 600, move: 0 } },
    ],
  ],
  [
    'a scale-out whose rebalance still runs or was stopped has no seconds.move',
    { rebalances: [rebalance(1, 'running', 5)] },
    deployed,
    [{ kind: 'rebalance', startedAt: minutesAgo(5), moves: 8, ended: 'running' }, entry],
  ],
  [
    'a scheduled rebalance has no times yet and comes first',
    { growths: [growth(39, 4, 5)], rebalances: [rebalance(4, 'scheduled', undefined)] },
    { kind: 'none' },
    [
      { kind: 'rebalance', moves: 8, ended: 'running' },
      { kind: 'scale-out', endedAt: minutesAgo(39), from: 4, to: 5, ended: 'succeeded' },
    ],
  ],
]
for (const [name, recorded, last, expected] of cases)
  test(name, () => assert.deepEqual(mergeHistory({ ...nothing, ...recorded }, last, now), expected))

const anyMinutes = fc.integer({ min: 0, max: 3000 })
const anyRecorded: fc.Arbitrary<RecordedHistory> = fc.record({
  growths: fc.array(
    fc
      .tuple(anyMinutes, fc.nat(10), fc.integer({ min: 1, max: 4 }))
      .map(([at, from, more]) => growth(at, from, from + more)),
    { maxLength: 20 },
  ),
  rebalances: fc.array(
    fc
      .record({
        state: fc.constantFrom('scheduled', 'running', 'finished', 'cancelling', 'cancelled', 'failing', 'failed'),
        started: fc.option(anyMinutes, { nil: undefined }),
        finished: fc.option(anyMinutes, { nil: undefined }),
      })
      .map(({ state, started, finished }) => rebalance(1, state, started, finished)),
    { maxLength: 20 },
  ),
})

test('at most 20 entries, newest first, none twice, and no rebalance newer than the oldest entry is missing', () => {
  const timeOf = ({ startedAt, endedAt }: HistoryEntry) => (startedAt ?? endedAt ?? now).getTime()
  fc.assert(
    fc.property(anyRecorded, anyLastScaleOut, (recorded, last) => {
      const merged = mergeHistory(recorded, last, now)
      const most = recorded.growths.length + recorded.rebalances.length + (last.kind === 'none' ? 0 : 1)
      assert.ok(merged.length <= Math.min(20, most))
      if (last.kind === 'none') assert.equal(merged.length, Math.min(20, most))
      const times = merged.map(timeOf)
      assert.deepEqual(
        times,
        [...times].sort((a, b) => b - a),
      )
      const oldest = Math.min(...times)
      const listed = merged.filter(({ kind }) => kind === 'rebalance').length
      const newer = recorded.rebalances.filter(
        ({ startedAt, finishedAt }) => (startedAt ?? finishedAt ?? now).getTime() > oldest,
      )
      assert.ok(listed >= newer.length)
      for (const one of merged) for (const value of Object.values(one)) assert.notEqual(value, undefined)
    }),
    { numRuns: 3000 },
  )
})
