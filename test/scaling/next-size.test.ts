import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextSize } from '../../src/scaling/next-size.ts'
import type { ScalingPolicy } from '../../src/scaling/policy.ts'
import { defaultPolicy } from './default-policy.ts'

const policy: ScalingPolicy = { ...defaultPolicy, targetCpuPercent: 65 }
const cosmos = { smallest: 2, largest: Infinity }
const elastic = { smallest: 1, largest: 20 }

type Case = [name: string, workers: number, cpu: number | undefined, change: Partial<ScalingPolicy>, expected: number]
const cases: Case[] = [
  ['the size that brings the mean to the target', 4, 90, {}, 6],
  ['rounded up from far above', 4, 91, {}, 6],
  ['exactly a whole number', 4, 97.5, {}, 6],
  ['a tenth of a worker more adds none', 4, 99.1, {}, 6],
  ['a bit more than a tenth adds one', 4, 99.2, {}, 7],
  ['a bit less than a whole number', 4, 97, {}, 6],
  ['three times 30 % of four workers, a bit more for the noise, at a target of 60', 4, 91, { targetCpuPercent: 60 }, 6],
  ['exactly at the target is still one more: the alert fires', 4, 65, {}, 5],
  ['under the target is still one more', 4, 10, {}, 5],
  ['at most maxStep more', 10, 100, {}, 14],
  ['never above the maximum', 18, 100, {}, 20],
  ['without a CPU value one step more', 4, undefined, { step: 3 }, 7],
  ['SCALE_OUT_STEP is limited by maxStep', 4, undefined, { step: 9, maxStep: 2 }, 6],
  ['no change at the maximum', 20, 100, {}, 20],
  ['no change above a lowered maximum', 12, 100, { maxWorkers: 8 }, 12],
  ['from a single node to two', 0, undefined, {}, 2],
  ['from a single node to two, whatever the CPU', 0, 100, { maxStep: 1 }, 2],
  ['a maximum that no cluster can have', 0, 100, { maxWorkers: 1 }, 0],
]
for (const [name, workers, cpu, change, expected] of cases)
  test(name, () => assert.equal(nextSize(workers, cpu, { ...policy, ...change }, cosmos), expected))

test('an elastic cluster has 1 to 20 nodes', () => {
  assert.equal(nextSize(1, undefined, policy, elastic), 2)
  assert.equal(nextSize(19, 100, { ...policy, maxWorkers: 50 }, elastic), 20)
})

const anyPolicy = fc.record({
  mode: fc.constant('on' as const),
  targetCpuPercent: fc.integer({ min: 1, max: 100 }),
  step: fc.integer({ min: 1, max: 10 }),
  maxStep: fc.integer({ min: 1, max: 10 }),
  maxWorkers: fc.integer({ min: 1, max: 40 }),
  cooldownMinutes: fc.constant(15),
  rebalance: fc.constant({ mode: 'on', setting: 'AUTOSCALE_MODE' } as const),
})
const anyCpu = fc.option(fc.double({ min: 0.1, max: 100, noNaN: true }), { nil: undefined })
const anySizes = fc.constantFrom(cosmos, elastic)

test('the next size is never smaller than now, above the maximum, or one worker where the kind has no such size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), anyCpu, anyPolicy, anySizes, (workers, cpu, policy, sizes) => {
      fc.pre(workers === 0 || workers >= sizes.smallest)
      const next = nextSize(workers, cpu, policy, sizes)
      assert.ok(next >= workers)
      assert.ok(next === workers || next <= Math.min(policy.maxWorkers, sizes.largest))
      assert.ok(next === workers || next >= sizes.smallest)
      assert.ok(next - workers <= Math.max(policy.maxStep, sizes.smallest - workers))
    }),
    { numRuns: 5000 },
  )
})

test('the mean after a scale-out exceeds the target by at most the slack, unless a limit applies', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.double({ min: 0.1, max: 100, noNaN: true }), (workers, cpu) => {
      const next = nextSize(workers, cpu, { ...policy, maxStep: 40, maxWorkers: 200 }, cosmos)
      const { targetCpuPercent: target } = policy
      assert.ok(workers * cpu <= target * (next + 0.1) + 1e-9, 'too few')
      assert.ok(next === workers + 1 || workers * cpu > target * (next - 1 + 0.1) - 1e-9, 'one too many')
    }),
    { numRuns: 5000 },
  )
})

test('more load never means fewer workers', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 40 }),
      fc.tuple(fc.double({ min: 0.1, max: 100, noNaN: true }), fc.double({ min: 0.1, max: 100, noNaN: true })),
      anyPolicy,
      (workers, [one, other], policy) => {
        const [low, high] = one < other ? [one, other] : [other, one]
        assert.ok(nextSize(workers, low, policy, cosmos) <= nextSize(workers, high, policy, cosmos))
      },
    ),
    { numRuns: 5000 },
  )
})
