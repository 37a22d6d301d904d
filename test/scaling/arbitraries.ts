import fc from 'fast-check'
import type {
  ClusterState,
  Condition,
  Coordinator,
  History,
  LastScaleOut,
  Plan,
  Rebalance,
  Topology,
} from '../../src/scaling/cluster-state.ts'
import type { RebalanceMode, ScalingPolicy } from '../../src/scaling/policy.ts'
import { minutesAgo } from './topologies.ts'

const mode = fc.constantFrom('on' as const, 'dry-run' as const, 'paused' as const)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const flag = fc.boolean()
/** In the last two days, mostly in the last hour, and sometimes up to two minutes in the future. */
const time = fc
  .oneof(fc.integer({ min: -2, max: 60 }), fc.integer({ min: 0, max: 2 * 24 * 60 }))
  .map((minutes) => minutesAgo(minutes))

export const anyRebalanceMode: fc.Arbitrary<RebalanceMode> = fc.record({
  mode,
  setting: fc.constantFrom('REBALANCE_MODE' as const, 'AUTOSCALE_MODE' as const),
})

export const anyPolicy: fc.Arbitrary<ScalingPolicy> = fc.record({
  mode,
  rebalance: anyRebalanceMode,
  targetCpuPercent: fc.integer({ min: 1, max: 100 }),
  step: fc.integer({ min: 1, max: 10 }),
  maxStep: fc.integer({ min: 1, max: 10 }),
  maxWorkers: fc.integer({ min: 1, max: 40 }),
  cooldownMinutes: fc.integer({ min: 0, max: 60 }),
})

export const anyCpu = maybe(fc.double({ min: 0.1, max: 100, noNaN: true }))

const condition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'ready' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'updating' as const, detail: 'Updating' }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'not-ready' as const, detail: 'Stopped' }) },
)

export const anyLastScaleOut: fc.Arbitrary<LastScaleOut> = fc
  .record({
    kind: fc.constantFrom('none' as const, 'running' as const, 'succeeded' as const, 'failed' as const),
    endedAt: time,
    startedAt: maybe(time),
    attempt: fc.integer({ min: 1, max: 9 }),
    from: maybe(fc.nat(20)),
    to: maybe(fc.nat(20)),
    blind: flag,
  })
  .map(({ kind, endedAt, startedAt, attempt, from, to, blind }) => {
    const cause = {
      ...(startedAt && { startedAt }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(blind && { blind: true as const }),
    }
    switch (kind) {
      case 'none':
        return { kind }
      case 'running':
        return { kind, detail: 'a deployment runs', ...cause }
      case 'succeeded':
        return { kind, endedAt, ...cause }
      case 'failed':
        return { kind, endedAt, attempt, error: 'no capacity', ...cause }
    }
  })

export const anyState: fc.Arbitrary<ClusterState> = fc.record({
  workers: fc.integer({ min: 0, max: 20 }),
  condition,
  lastScaleOut: anyLastScaleOut,
  sizes: fc.constantFrom({ smallest: 2, largest: Infinity }, { smallest: 1, largest: 20 }),
})

const plan: fc.Arbitrary<Plan> = fc
  .record({
    reason: fc.constantFrom(
      'settled' as const,
      'settled' as const,
      'running' as const,
      'starting' as const,
      'moves' as const,
      'empty-worker' as const,
    ),
    isKnown: flag,
    moves: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ reason, isKnown, moves }) => {
    if (reason === 'moves') return { reason, isKnown: true, moves, message: 'moves are planned' }
    if (reason === 'settled' && isKnown) return { reason, isKnown, moves: 0, message: 'no move is planned' }
    return { reason, isKnown: false, moves: undefined, message: 'the plan is not known' }
  })

const rebalance: fc.Arbitrary<Rebalance> = fc
  .record({
    state: fc.constantFrom('running', 'finished', 'cancelled', 'failed'),
    startedAt: maybe(time),
    finishedAt: time,
    isStuck: flag,
    failures: fc.integer({ min: 1, max: 6 }),
    workerCameSince: flag,
  })
  .map(({ state, startedAt, finishedAt, isStuck, failures, workerCameSince }) => ({
    job: 7,
    state,
    isUnfinished: state === 'running',
    startedAt,
    finishedAt: state === 'running' ? undefined : finishedAt,
    tasksDone: 1,
    tasksTotal: 2,
    isStuck: isStuck && state === 'running',
    cause: isStuck ? 'retrying' : undefined,
    error: state === 'failed' ? 'no space left' : undefined,
    retries: undefined,
    nextTryAt: undefined,
    waitingFor: undefined,
    failuresInARow: state === 'failed' ? failures : 0,
    workerCameSince,
  }))

const failedStart = fc.record({
  endedAt: time,
  error: fc.constant('canceled'),
  failures: fc.integer({ min: 1, max: 5 }),
})

const history: fc.Arbitrary<History> = fc.record({
  isStopped: flag,
  secondsSinceLastRow: maybe(fc.nat(300)),
  lastRiseAt: maybe(time),
  newestCount: maybe(fc.nat(10)),
})

/** As the schema returns it: the plan's reason is `running` exactly when a rebalance is unfinished. */
export const anyTopology: fc.Arbitrary<Topology> = fc
  .record({
    workers: fc.array(fc.nat(20), { maxLength: 8 }),
    usefulWorkers: fc.nat(40),
    isReadOnly: flag,
    plan,
    rebalance: maybe(rebalance),
    isAddingWorkers: flag,
    failedRebalanceStart: maybe(failedStart),
    failedWorkerStart: maybe(failedStart),
    history: maybe(history),
  })
  .filter((topology) => (topology.plan.reason === 'running') === (topology.rebalance?.isUnfinished ?? false))
  .map(({ workers: counts, ...topology }) => {
    const workers = counts.map((shardGroups, index) => ({ node: `w${index}:5432`, shardGroups }))
    return { ...topology, workers, nodes: workers.map(({ node }) => node) }
  })

export const anyCoordinator: fc.Arbitrary<Coordinator> = fc.oneof(
  { weight: 4, arbitrary: anyTopology.map((topology) => ({ kind: 'answered' as const, topology })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'silent' as const, message: 'out of reach' }) },
)
