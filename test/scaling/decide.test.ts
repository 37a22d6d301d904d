import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClusterState, Coordinator, History, Topology } from '../../src/scaling/cluster-state.ts'
import { decide, type Decision, type DecisionInput } from '../../src/scaling/decide.ts'
import type { ScalingPolicy } from '../../src/scaling/policy.ts'
import { defaultPolicy } from './default-policy.ts'
import { guardOrder } from './guard-order.ts'
import * as known from './topologies.ts'
import { inMinutes, minutesAgo, now, topology } from './topologies.ts'

const state: ClusterState = {
  workers: 2,
  condition: { kind: 'ready' },
  lastScaleOut: { kind: 'none' },
  sizes: { smallest: 2, largest: Infinity },
}
const silent: Coordinator = { kind: 'silent', message: 'The coordinator is out of reach.' }
const history = (lastRiseAt: Date): History => ({
  isStopped: false,
  secondsSinceLastRow: 3,
  lastRiseAt,
  newestCount: 2,
})
const empty = { node: 'w2:5432', shardGroups: 0 }

type Change = {
  state?: Partial<ClusterState>
  topology?: Partial<Topology> | 'silent'
  policy?: Partial<ScalingPolicy>
  cpu?: number | undefined
}
const input = (change: Change = {}): DecisionInput => ({
  state: { ...state, ...change.state },
  coordinator:
    change.topology === 'silent' ? silent : { kind: 'answered', topology: { ...topology, ...change.topology } },
  cpu: 'cpu' in change ? change.cpu : 91,
  policy: { ...defaultPolicy, ...change.policy },
  now,
})
const reasonOf = (decision: Decision) => (decision.kind === 'hold' ? decision.reason : decision.kind)

test('a settled cluster grows to the size that brings the mean CPU to the target', () => {
  assert.deepEqual(decide(input({ state: { workers: 4 } })), {
    kind: 'scale-out',
    workers: { from: 4, to: 6 },
    message: 'The cluster grows from 4 workers to 6: mean CPU 91.0 %, target 65 %.',
    attempt: 1,
    blind: false,
  })
})

const succeeded = (minutes: number, blind?: true) =>
  ({ kind: 'succeeded', endedAt: minutesAgo(minutes), ...(blind && { blind }) }) as const
const failed = (minutes: number, attempt: number) =>
  ({ kind: 'failed', endedAt: minutesAgo(minutes), attempt, error: 'no capacity' }) as const

test('while the coordinator is silent, a cluster grows once, and the decision is marked as blind', () => {
  const first = decide(input({ topology: 'silent' }))
  assert.equal(first.kind === 'scale-out' && first.blind, true)
  const second = decide(input({ topology: 'silent', state: { lastScaleOut: succeeded(600, true) } }))
  assert.equal(reasonOf(second), 'coordinator-silent')
  assert.match(second.message, /The coordinator is out of reach/)
  // the last scale-out was not blind, it failed, or the coordinator answers again
  for (const change of [
    { topology: 'silent', state: { lastScaleOut: succeeded(600) } },
    { topology: 'silent', state: { lastScaleOut: { ...failed(600, 1), blind: true } } },
    { state: { lastScaleOut: succeeded(600, true) } },
  ] satisfies Change[])
    assert.equal(reasonOf(decide(input(change))), 'scale-out')
})

const held: [name: string, change: Change, reason: string, until?: Date][] = [
  ['paused', { policy: { mode: 'paused' } }, 'paused'],
  ['a stopped cluster', { state: { condition: { kind: 'not-ready', detail: 'Stopped' } } }, 'cluster-not-ready'],
  [
    'the cluster is updating',
    { state: { condition: { kind: 'updating', detail: 'Updating' } } },
    'operation-in-progress',
  ],
  ['a deployment of ours runs', { state: { lastScaleOut: { kind: 'running', detail: 'x' } } }, 'operation-in-progress'],
  ['the last scale-out failed a minute ago', { state: { lastScaleOut: failed(1, 1) } }, 'backing-off', inMinutes(4)],
  ['three scale-outs failed in a row', { state: { lastScaleOut: failed(1, 3) } }, 'backing-off', inMinutes(19)],
  ['the last scale-out ended a minute ago', { state: { lastScaleOut: succeeded(1) } }, 'cooling-down', inMinutes(14)],
  ['a person added workers', { topology: { history: history(minutesAgo(10)) } }, 'cooling-down', inMinutes(5)],
  [
    'the cooldown counts from the later of a scale-out and a change by a person',
    { state: { lastScaleOut: succeeded(14) }, topology: { history: history(minutesAgo(3)) } },
    'cooling-down',
    inMinutes(12),
  ],
  ['the last scale-out ended a minute ago, and the coordinator is silent', { topology: 'silent', state: { lastScaleOut: succeeded(1, true) } }, 'cooling-down', inMinutes(14)], // prettier-ignore
  ['a rebalance runs', { topology: { plan: known.running, rebalance: known.unfinished } }, 'rebalance-pending'],
  ['a rebalance is being planned', { topology: { plan: known.starting } }, 'rebalance-pending'],
  ['moves are left, and no worker is empty', { topology: { plan: known.movesPlanned } }, 'rebalance-pending'],
  ['a worker is empty, and the plan is not known', { topology: { plan: known.emptyWorker } }, 'rebalance-pending'],
  [
    'a rebalance failed halfway',
    { topology: { plan: known.movesPlanned, rebalance: known.failedRebalance } },
    'rebalance-pending',
  ],
  [
    'a person stopped the rebalance',
    { topology: { plan: known.movesPlanned, rebalance: known.stopped } },
    'rebalance-cancelled',
    inMinutes(24 * 60 - 50),
  ],
  ['at the maximum', { state: { workers: 20 } }, 'at-maximum'],
  ['the pool has no server left', { state: { sizes: { smallest: 1, largest: 2 } } }, 'at-maximum'],
  ['a further worker could hold no shard', { topology: { usefulWorkers: 2 } }, 'too-few-shards'],
  [
    'an empty worker that can never hold a shard',
    { topology: { usefulWorkers: 2, workers: [...topology.workers, empty] } },
    'too-few-shards',
  ],
  ['no distributed table at all', { topology: { usefulWorkers: 0, workers: [empty] } }, 'too-few-shards'],
  ['a dry run', { policy: { mode: 'dry-run' } }, 'dry-run'],
]
for (const [name, change, reason, until] of held) {
  test(`held: ${name}`, () => {
    const decision = decide(input(change))
    assert.equal(reasonOf(decision), reason)
    assert.deepEqual(decision.kind === 'hold' ? decision.until : undefined, until)
    if (reason !== 'dry-run') assert.equal(decision.workers.to, decision.workers.from)
  })
}

const passed: [name: string, change: Change][] = [
  ['the cooldown is over', { state: { lastScaleOut: succeeded(15) } }],
  ['no cooldown', { policy: { cooldownMinutes: 0 }, state: { lastScaleOut: succeeded(0) } }],
  ['the wait after a failure is over', { state: { lastScaleOut: failed(5, 1) } }],
  ['no CPU value', { cpu: undefined }],
  ['an empty worker that Citus plans nothing for', { topology: { workers: [...topology.workers, empty] } }],
  ['a rebalance that a person stopped, with nothing left to move', { topology: { rebalance: known.stopped } }],
  ['no worker is empty, and the plan is not known', { topology: { plan: known.planUnknown } }],
  ['the history has stopped', { topology: { history: { ...history(minutesAgo(99)), isStopped: true } } }],
  ['there is no history', { topology: { history: undefined } }],
]
for (const [name, change] of passed)
  test(`not held: ${name}`, () => assert.equal(reasonOf(decide(input(change))), 'scale-out'))

test('the guards apply in the order of the contract', () => {
  // Each step removes the cause of the reason before. Silence excludes the reasons that need the coordinator.
  const small = { ...defaultPolicy, mode: 'dry-run', maxWorkers: 2 } as const
  const steps: Change[] = [
    {
      policy: { ...small, mode: 'paused' },
      state: { condition: { kind: 'not-ready', detail: 'Stopped' }, lastScaleOut: failed(1, 1) },
      topology: { usefulWorkers: 2, rebalance: known.stopped, plan: known.movesPlanned, history: history(now) },
    },
    { policy: small },
    { state: { condition: { kind: 'updating', detail: 'Updating' }, lastScaleOut: failed(1, 1) } },
    { state: { lastScaleOut: failed(1, 1) } },
    { state: { lastScaleOut: succeeded(1, true) } },
    { state: { lastScaleOut: succeeded(60, true) }, topology: 'silent' },
    { topology: { usefulWorkers: 2, rebalance: known.stopped, plan: known.movesPlanned } },
    { topology: { usefulWorkers: 2, rebalance: known.failedRebalance, plan: known.movesPlanned } },
    { topology: { usefulWorkers: 2 } },
    { policy: { mode: 'dry-run' } },
    { topology: {} },
  ]
  const reasons = steps.map((_, index) =>
    reasonOf(decide(input(steps.slice(0, index + 1).reduce((all, step) => ({ ...all, ...step }), {})))),
  )
  assert.deepEqual(reasons, guardOrder)
})

test('a dry run says how many workers would be added', () => {
  const decision = decide(input({ policy: { mode: 'dry-run' } }))
  assert.deepEqual(decision.workers, { from: 2, to: 3 })
})

for (const [mode, setting, expected] of [
  ['dry-run', 'REBALANCE_MODE', /REBALANCE_MODE is dry-run, so no rebalance starts by itself/],
  ['paused', 'REBALANCE_MODE', /REBALANCE_MODE is paused, so no rebalance starts by itself/],
] as const)
  test(`rebalance-pending names ${setting}=${mode}, unless a rebalance runs`, () => {
    const policy = { rebalance: { mode, setting } }
    assert.match(decide(input({ policy, topology: { plan: known.movesPlanned } })).message, expected)
    const under = { plan: known.running, rebalance: known.unfinished }
    assert.doesNotMatch(decide(input({ policy, topology: under })).message, /REBALANCE_MODE/)
  })

test('no worker is added that could hold no shard', () => {
  const decision = decide(input({ state: { workers: 4 }, topology: { usefulWorkers: 5 } }))
  assert.deepEqual(decision.workers, { from: 4, to: 5 })
})

test('a single node with its shards on the coordinator grows to two workers', () => {
  const decision = decide(input({ state: { workers: 0 }, topology: { workers: [] } }))
  assert.deepEqual(decision.workers, { from: 0, to: 2 })
})

test('the attempt after 6 failures in a row has number 7', () => {
  const decision = decide(input({ state: { lastScaleOut: failed(31, 6) } }))
  assert.equal(decision.kind === 'scale-out' && decision.attempt, 7)
})
