import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClusterState, Topology } from '../../src/scaling/cluster-state.ts'
import { decide, type DecisionInput } from '../../src/scaling/decide.ts'
import type { ScalingPolicy } from '../../src/scaling/policy.ts'
import { defaultPolicy } from './default-policy.ts'
import { guardOrder } from './guard-order.ts'

const now = new Date('2026-11-22T20:00:00Z')
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const inMinutes = (minutes: number) => minutesAgo(-minutes)

const state: ClusterState = {
  workers: 2,
  condition: { kind: 'ready' },
  lastScaleOut: { kind: 'none' },
  sizes: { smallest: 2, largest: Infinity },
}
const topology: Topology = {
  workers: [
    { node: 'w0:5432', shardGroups: 16 },
    { node: 'w1:5432', shardGroups: 16 },
  ],
  usefulWorkers: 32,
  rebalance: undefined,
  workersChangedAt: undefined,
}
const empty = { node: 'w2:5432', shardGroups: 0 }

type Change = {
  state?: Partial<ClusterState>
  topology?: Partial<Topology> | null
  policy?: Partial<ScalingPolicy>
  cpu?: number | undefined
}
const input = (change: Change = {}): DecisionInput => ({
  state: { ...state, ...change.state },
  topology: change.topology === null ? undefined : { ...topology, ...change.topology },
  cpu: 'cpu' in change ? change.cpu : 91,
  policy: { ...defaultPolicy, ...change.policy },
  now,
})

test('a settled cluster grows to what brings the mean CPU to the target', () => {
  assert.deepEqual(decide(input()), {
    kind: 'scale-out',
    workers: { from: 2, to: 4 },
    message: 'The cluster grows from 2 workers to 4: mean CPU 91.0 %, target 60 %.',
    attempt: 1,
  })
})

test('without the coordinator, too', () => {
  assert.equal(decide(input({ topology: null })).kind, 'scale-out')
})

const failed = (minutes: number, attempt: number) =>
  ({ kind: 'failed', endedAt: minutesAgo(minutes), attempt, error: 'no capacity' }) as const

const held: [name: string, change: Change, reason: string, until?: Date][] = [
  ['paused', { policy: { mode: 'paused' } }, 'paused'],
  ['a stopped cluster', { state: { condition: { kind: 'not-ready', detail: 'Stopped' } } }, 'cluster-not-ready'],
  [
    'a cluster that is updated',
    { state: { condition: { kind: 'updating', detail: 'Updating' } } },
    'operation-in-progress',
  ],
  ['our deployment runs', { state: { lastScaleOut: { kind: 'running', detail: 'x' } } }, 'operation-in-progress'],
  ['it failed a minute ago', { state: { lastScaleOut: failed(1, 1) } }, 'backing-off', inMinutes(4)],
  ['it failed thrice', { state: { lastScaleOut: failed(1, 3) } }, 'backing-off', inMinutes(19)],
  [
    'it grew a minute ago',
    { state: { lastScaleOut: { kind: 'succeeded', endedAt: minutesAgo(1) } } },
    'cooling-down',
    inMinutes(14),
  ],
  ['a person made it grow', { topology: { workersChangedAt: minutesAgo(10) } }, 'cooling-down', inMinutes(5)],
  [
    'the later of both changes counts',
    {
      state: { lastScaleOut: { kind: 'succeeded', endedAt: minutesAgo(14) } },
      topology: { workersChangedAt: minutesAgo(3) },
    },
    'cooling-down',
    inMinutes(12),
  ],
  ['a worker without shards', { topology: { workers: [...topology.workers, empty] } }, 'rebalance-pending'],
  ['a rebalance runs', { topology: { rebalance: { job: 7, state: 'running' } } }, 'rebalance-pending'],
  ['at the maximum', { state: { workers: 20 } }, 'at-maximum'],
  ['every worker that could hold a shard is there', { topology: { usefulWorkers: 2 } }, 'too-few-shards'],
  [
    'an empty worker that can never hold one',
    { topology: { usefulWorkers: 2, workers: [...topology.workers, empty] } },
    'too-few-shards',
  ],
  ['no distributed table at all', { topology: { usefulWorkers: 0, workers: [empty] } }, 'too-few-shards'],
  ['a dry run', { policy: { mode: 'dry-run' } }, 'dry-run'],
]
for (const [name, change, reason, until] of held) {
  test(`held: ${name}`, () => {
    const decision = decide(input(change))
    assert.equal(decision.kind === 'hold' ? decision.reason : 'scaling-out', reason)
    assert.deepEqual(decision.kind === 'hold' ? decision.until : undefined, until)
  })
}

const passed: [name: string, change: Change][] = [
  ['the cooldown is over', { state: { lastScaleOut: { kind: 'succeeded', endedAt: minutesAgo(15) } } }],
  ['no cooldown', { policy: { cooldownMinutes: 0 }, state: { lastScaleOut: { kind: 'succeeded', endedAt: now } } }],
  ['the wait after a failure is over', { state: { lastScaleOut: failed(5, 1) } }],
  ['no CPU value', { cpu: undefined }],
]
for (const [name, change] of passed)
  test(`not held: ${name}`, () => assert.equal(decide(input(change)).kind, 'scale-out'))

test('the guards speak in the order that is written down', () => {
  // Each line takes away what the one before stumbled over.
  const everything: Change = {
    policy: { mode: 'paused', maxWorkers: 2 },
    state: { condition: { kind: 'not-ready', detail: 'Stopped' }, lastScaleOut: failed(1, 1) },
    topology: { usefulWorkers: 2, workersChangedAt: minutesAgo(1), rebalance: { job: 7, state: 'running' } },
  }
  const steps: Change[] = [
    everything,
    { policy: { mode: 'dry-run', maxWorkers: 2 } },
    { state: { condition: { kind: 'updating', detail: 'Updating' }, lastScaleOut: failed(1, 1) } },
    { state: { lastScaleOut: failed(1, 1) } },
    { state: {} },
    { topology: { usefulWorkers: 2, rebalance: { job: 7, state: 'running' } } },
    { topology: { usefulWorkers: 2 } },
    { policy: { mode: 'dry-run' } },
    { topology: {} },
  ]
  const reasons = steps.map((_, index) => {
    const decision = decide(input(steps.slice(0, index + 1).reduce((all, step) => ({ ...all, ...step }), {})))
    return decision.kind === 'hold' ? decision.reason : decision.kind
  })
  assert.deepEqual(reasons, guardOrder)
})

test('a dry run says what would have been done', () => {
  const decision = decide(input({ policy: { mode: 'dry-run' } }))
  assert.deepEqual(decision.workers, { from: 2, to: 4 })
})

test('nobody pays for a worker that could hold no shard', () => {
  const decision = decide(input({ topology: { usefulWorkers: 3 } }))
  assert.deepEqual(decision.workers, { from: 2, to: 3 })
})

test('a single node grows to two, with its shards on the coordinator', () => {
  const decision = decide(input({ state: { workers: 0 }, topology: { workers: [] } }))
  assert.deepEqual(decision.workers, { from: 0, to: 2 })
})

test('the next try after a failure counts on', () => {
  const decision = decide(input({ state: { lastScaleOut: failed(31, 6) } }))
  assert.equal(decision.kind === 'scale-out' && decision.attempt, 7)
})
