import { backoffEnd, nextAttempt } from './backoff.ts'
import type { ClusterState, Topology } from './cluster-state.ts'
import { nextSize } from './next-size.ts'
import type { ScalingPolicy } from './policy.ts'
import type { ReasonOf } from './reasons.ts'

export type DecisionInput = {
  state: ClusterState
  /** Undefined when the coordinator did not answer in time: then its guards are left out. */
  topology: Topology | undefined
  /** The workers' mean CPU in percent that the alert brought, if any. */
  cpu: number | undefined
  policy: ScalingPolicy
  now: Date
}

type Workers = { from: number; to: number }

export type Hold = { kind: 'hold'; reason: ReasonOf<'held'>; message: string; workers: Workers; until?: Date }
export type ScaleOut = { kind: 'scale-out'; message: string; workers: Workers; attempt: number }
export type Decision = Hold | ScaleOut

/**
 * Whether a cluster grows now, and how far. The guards are asked in a fixed order, from what makes any answer moot to what only this
 * scale-out would run into; the first that holds names the reason. Pure: the same input gives the same decision.
 */
export function decide(input: DecisionInput): Decision {
  const { state, policy } = input
  const workers = { from: state.workers, to: targetSize(input) }
  for (const guard of guards) {
    const held = guard(input, workers)
    if (held) return { kind: 'hold', workers: { from: workers.from, to: workers.from }, ...held }
  }
  const failure = state.lastScaleOut.kind === 'failed' ? state.lastScaleOut : undefined
  const message = `from ${count(workers.from)} to ${workers.to}${why(input)}`
  if (policy.mode === 'dry-run')
    return { kind: 'hold', reason: 'dry-run', message: `Dry run: the cluster would grow ${message}.`, workers }
  return {
    kind: 'scale-out',
    message: `The cluster grows ${message}.`,
    workers,
    attempt: nextAttempt(failure, input.now),
  }
}

function targetSize({ state, topology, cpu, policy }: DecisionInput): number {
  const wanted = nextSize(state.workers, cpu, policy, state.sizes)
  // Nobody pays for a worker that could never hold a shard; the guard `too-few-shards` speaks when that leaves none to add.
  const useful = Math.max(topology?.usefulWorkers ?? wanted, state.sizes.smallest)
  return Math.max(state.workers, Math.min(wanted, useful))
}

type Held = Omit<Hold, 'kind' | 'workers'>
type Guard = (input: DecisionInput, workers: Workers) => Held | undefined

const guards: readonly Guard[] = [
  paused,
  clusterNotReady,
  operationInProgress,
  backingOff,
  coolingDown,
  rebalancePending,
  atMaximum,
  tooFewShards,
]

/** The answer of a paused autoscaler: it needs no look at the cluster. */
export const pausedHold = {
  reason: 'paused',
  message: 'AUTOSCALE_MODE is paused: nothing is done until it is on.',
} as const

function paused({ policy }: DecisionInput): Held | undefined {
  return policy.mode === 'paused' ? pausedHold : undefined
}

function clusterNotReady({ state: { condition } }: DecisionInput): Held | undefined {
  if (condition.kind !== 'not-ready') return undefined
  return { reason: 'cluster-not-ready', message: `The cluster can't grow while it is ${condition.detail}.` }
}

function operationInProgress({ state: { condition, lastScaleOut } }: DecisionInput): Held | undefined {
  if (lastScaleOut.kind === 'running')
    return { reason: 'operation-in-progress', message: `A scale-out is under way: ${lastScaleOut.detail}.` }
  if (condition.kind !== 'updating') return undefined
  return { reason: 'operation-in-progress', message: `The cluster is being changed: it is ${condition.detail}.` }
}

function backingOff({ state: { lastScaleOut }, now }: DecisionInput): Held | undefined {
  if (lastScaleOut.kind !== 'failed') return undefined
  const until = backoffEnd(lastScaleOut)
  if (now >= until) return undefined
  const message = `The last scale-out failed (try ${lastScaleOut.attempt} in a row): ${lastScaleOut.error}`
  return { reason: 'backing-off', message, until }
}

function coolingDown({ state: { lastScaleOut }, topology, policy, now }: DecisionInput): Held | undefined {
  const changes = [lastScaleOut.kind === 'succeeded' ? lastScaleOut.endedAt : undefined, topology?.workersChangedAt]
  const lastChange = Math.max(...changes.filter((change) => change !== undefined).map(Number))
  if (now.getTime() >= lastChange + policy.cooldownMinutes * 60_000) return undefined
  const until = new Date(lastChange + policy.cooldownMinutes * 60_000)
  const message = `The number of workers changed less than ${policy.cooldownMinutes} minutes ago: what it brings must show first.`
  return { reason: 'cooling-down', message, until }
}

function rebalancePending({ topology }: DecisionInput): Held | undefined {
  if (!topology) return undefined
  if (topology.rebalance) {
    const { job, state } = topology.rebalance
    return {
      reason: 'rebalance-pending',
      message: `Rebalance job ${job} is ${state}: more workers would not help yet.`,
    }
  }
  const empty = topology.workers.filter(({ shardGroups }) => shardGroups === 0)
  const settled = topology.workers.length - empty.length
  if (empty.length === 0 || settled >= topology.usefulWorkers) return undefined
  const nodes = empty.map(({ node }) => node).join(', ')
  return {
    reason: 'rebalance-pending',
    message: `No shards yet on ${nodes}: rebalance first, more workers would not help.`,
  }
}

function atMaximum({ state, policy }: DecisionInput): Held | undefined {
  const largest = Math.min(policy.maxWorkers, state.sizes.largest)
  if (nextSize(state.workers, undefined, policy, state.sizes) > state.workers) return undefined
  const limit =
    largest === policy.maxWorkers
      ? 'SCALE_OUT_MAX_WORKERS'
      : 'the largest size that its kind or CITUS_WORKER_POOL allows'
  return { reason: 'at-maximum', message: `The cluster has ${count(state.workers)}; ${limit} is ${largest}.` }
}

function tooFewShards({ topology }: DecisionInput, { from, to }: Workers): Held | undefined {
  if (!topology || to > from) return undefined
  const message = `A further worker could hold no shard: the tables have ${topology.usefulWorkers} shard groups for ${count(from)}.`
  return { reason: 'too-few-shards', message }
}

const count = (workers: number) => (workers === 1 ? '1 worker' : `${workers} workers`)

const why = ({ cpu, policy }: DecisionInput) =>
  cpu === undefined
    ? ': the alert brought no usable CPU value, so by SCALE_OUT_STEP'
    : `: mean CPU ${cpu.toFixed(1)} %, target ${policy.targetCpuPercent} %`
