import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backoffEnd } from '../../src/scaling/backoff.ts'
import { decide } from '../../src/scaling/decide.ts'
import { defaultPolicy } from './default-policy.ts'
import { simulateCluster } from './simulated-cluster.ts'

const policy = { ...defaultPolicy, maxWorkers: 12 }
const minutes = (least: number, most: number) => fc.integer({ min: least * 60_000, max: most * 60_000 })

const event = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('notification' as const),
      cpu: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
      fails: fc.boolean(),
      copies: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const), milliseconds: minutes(0, 40) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rebalance' as const), milliseconds: minutes(1, 60) }) },
  // at least an hour, as with an overloaded coordinator
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('silence' as const), milliseconds: minutes(60, 600) }) },
)

test('in any order of events, no scale-out starts while another runs or has not settled, except one blind scale-out per silence', () => {
  let growths = 0
  let blindGrowths = 0
  fc.assert(
    fc.property(fc.constantFrom(0, 2, 3, 7), fc.array(event, { maxLength: 60 }), (workers, events) => {
      const cluster = simulateCluster(workers)
      let blindSinceItAnswered = 0
      for (const step of events) {
        if (!cluster.isSilent()) blindSinceItAnswered = 0
        if (step.kind === 'time') cluster.pass(step.milliseconds)
        else if (step.kind === 'silence') cluster.fallSilent(step.milliseconds)
        else if (step.kind === 'rebalance') cluster.rebalance(step.milliseconds)
        else {
          const isAllowed = cluster.isSettled() || cluster.isSilent()
          const before = cluster.state()
          // All copies are decided before the first one has an effect, as with several instances.
          const decisions = Array.from({ length: step.copies }, () =>
            decide({ state: before, coordinator: cluster.coordinator(), cpu: step.cpu, policy, now: cluster.now() }),
          )
          const started = decisions.filter(
            (decision) => decision.kind === 'scale-out' && cluster.deploy(decision, step.fails),
          )
          for (const decision of decisions) assert.deepEqual(decision, decisions[0])
          assert.ok(started.length <= 1)
          if (started.length === 0) continue
          growths += 1
          assert.ok(isAllowed)
          if (cluster.isSilent()) {
            blindGrowths += 1
            if (!step.fails) blindSinceItAnswered += 1
            assert.ok(blindSinceItAnswered <= 1)
          }
          const { from, to } = started[0]?.workers ?? { from: 0, to: 0 }
          assert.ok(to > from && to <= policy.maxWorkers && to !== 1)
          if (before.lastScaleOut.kind === 'failed') assert.ok(cluster.now() >= backoffEnd(before.lastScaleOut))
        }
      }
    }),
    { numRuns: 3000 },
  )
  assert.ok(
    growths > 1000 && blindGrowths > 100,
    `only ${growths} growths, ${blindGrowths} of them blind: too few to prove the property`,
  )
})
