import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decideRebalance } from '../../src/scaling/decide-rebalance.ts'
import { decide, type DecisionInput } from '../../src/scaling/decide.ts'
import { checkSettled } from '../../src/scaling/check-settled.ts'
import { reasons } from '../../src/scaling/reasons.ts'
import { anyCoordinator, anyCpu, anyPolicy, anyRebalanceMode, anyState, anyTopology } from './arbitraries.ts'
import { guardOrder } from './guard-order.ts'
import { now } from './topologies.ts'

const anyInput: fc.Arbitrary<DecisionInput> = fc.record({
  state: anyState,
  coordinator: anyCoordinator,
  cpu: anyCpu,
  policy: anyPolicy,
  now: fc.constant(now),
})
const runs = { numRuns: 5000 }

/** The reasons that a property has seen, to check that every reason occurs. */
function seenBy(property: (see: (reason: string) => void) => void): Set<string> {
  const seen = new Set<string>()
  property((reason) => seen.add(reason))
  return seen
}

test('a scale-out only adds workers, within all limits, and only when no guard applies', () => {
  let growths = 0
  const seen = seenBy((see) => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { state, policy, coordinator } = input
        const decision = decide(input)
        const { from, to } = decision.workers
        see(decision.kind === 'hold' ? decision.reason : decision.kind)
        assert.equal(from, state.workers)
        assert.deepEqual(decide(input), decision)
        if (decision.kind === 'hold') {
          assert.equal(reasons[decision.reason].outcome, 'held')
          assert.ok(decision.reason === 'dry-run' ? to > from : to === from)
          if (decision.until) assert.ok(decision.until > now)
          return
        }
        growths += 1
        assert.ok(to > from && to <= Math.min(policy.maxWorkers, state.sizes.largest) && to >= state.sizes.smallest)
        assert.ok(to - from <= Math.max(policy.maxStep, state.sizes.smallest - from))
        assert.equal(policy.mode, 'on')
        assert.equal(state.condition.kind, 'ready')
        assert.notEqual(state.lastScaleOut.kind, 'running')
        assert.equal(decision.blind, coordinator.kind === 'silent')
        if (decision.blind) assert.ok(state.lastScaleOut.kind !== 'succeeded' || !state.lastScaleOut.blind)
        if (coordinator.kind === 'answered') {
          assert.equal(checkSettled(coordinator.topology, now).kind, 'settled')
          assert.ok(to <= Math.max(coordinator.topology.usefulWorkers, state.sizes.smallest))
        }
      }),
      runs,
    )
  })
  assert.deepEqual([...seen].sort(), [...guardOrder, 'scale-out'].sort())
  assert.ok(growths > 50, `only ${growths} growths: too few to prove the property`)
})

test('a rebalance is held only for a reason of the contract, and never starts while paused or in a dry run', () => {
  const seen = seenBy((see) => {
    fc.assert(
      fc.property(anyTopology, anyRebalanceMode, (topology, mode) => {
        const decision = decideRebalance({ topology, mode, now })
        see(decision.kind === 'hold' ? decision.reason : decision.kind)
        if (decision.kind === 'start') assert.equal(mode.mode, 'on')
        else if (decision.kind === 'dry-run') assert.equal(mode.mode, 'dry-run')
        else if (decision.until) assert.ok(decision.until > now)
        if (decision.kind !== 'hold')
          assert.ok(!topology.rebalance?.isUnfinished && topology.plan.reason !== 'starting')
        assert.doesNotMatch(decision.kind === 'hold' ? decision.message : '', /undefined|NaN|Invalid/)
      }),
      runs,
    )
  })
  assert.deepEqual(
    [...seen].sort(),
    ['backing-off', 'dry-run', 'paused', 'rebalance-cancelled', 'rebalance-running', 'start'].sort(),
  )
})

test('rebalance-pending only while a rebalance is due or runs, never with a plan without moves', () => {
  let pendings = 0
  fc.assert(
    fc.property(anyInput, anyTopology, (input, topology) => {
      const decision = decide({ ...input, coordinator: { kind: 'answered', topology } })
      const settled = checkSettled(topology, now)
      const rebalance = decideRebalance({ topology, mode: { mode: 'on', setting: 'AUTOSCALE_MODE' }, now })
      const of = rebalance.kind === 'hold' ? rebalance.reason : rebalance.kind
      if (settled.kind === 'settled') assert.ok(['start', 'backing-off'].includes(of)) // Citus then has nothing to move
      if (settled.kind === 'cancelled') assert.equal(of, 'rebalance-cancelled')
      if (settled.kind === 'under-way') assert.equal(of, 'rebalance-running')
      if (settled.kind === 'due') assert.ok(['start', 'backing-off'].includes(of))
      if (decision.kind !== 'hold') return
      if (decision.reason === 'rebalance-cancelled') assert.equal(settled.kind, 'cancelled')
      if (decision.reason !== 'rebalance-pending') return
      pendings += 1
      assert.ok(settled.kind === 'under-way' || settled.kind === 'due')
      assert.ok(!(topology.plan.isKnown && topology.plan.moves === 0))
    }),
    runs,
  )
  assert.ok(pendings > 200, `only ${pendings} answers rebalance-pending: too few to prove the property`)
})
