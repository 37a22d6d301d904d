import { backoffEnd, nextAttempt } from './backoff.ts'
import type { ClusterState, Coordinator, Topology } from './cluster-state.ts'
import { checkSettled } from './check-settled.ts'
import { nextSize } from './next-size.ts'
import { pausedHold } from './paused-hold.ts'
import type { ScalingPolicy } from './policy.ts'
import type { ReasonOf } from './reasons.ts'

export type DecisionInput = {
  state: ClusterState
  /** When it is silent, the guards that need it are skipped, for one scale-out. */
  coordinator: Coordinator
  /** The workers' mean CPU in percent that the alert brought, if any. */
  cpu: number | undefined
  policy: ScalingPolicy
  now: Date
}

type Workers = { from: number; to: number }

export type Hold = { kind: 'hold'; reason: ReasonOf<'held'>; message: string; workers: Workers; until?: Date }
/** `blind`: decided without the coordinator. */
export type ScaleOut = { kind: 'scale-out'; message: string; workers: Workers; attempt: number; blind: boolean }
export type Decision = Hold | ScaleOut

/**
 * Whether a cluster grows now, and by how many workers. The guards run in the fixed order of the contract; the first one that holds gives
 * the reason. Pure: the same input gives the same decision.
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
    blind: input.coordinator.kind === 'silent',
  }
}

const topologyOf = ({ coordinator }: DecisionInput): Topology | undefined =>
  coordinator.kind === 'answered' ? coordinator.topology : undefined

function targetSize(input: DecisionInput): number {
  const { state, cpu, policy } = input
  const wanted = nextSize(state.workers, cpu, policy, state.sizes)
  // No worker is bought that could never hold a shard. When that leaves none to add, the guard `too-few-shards` holds.
  const useful = Math.max(topologyOf(input)?.usefulWorkers ?? wanted, state.sizes.smallest)
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
  coordinatorSilent,
  rebalanceCancelled,
  rebalancePending,
  atMaximum,
  tooFewShards,
]

function paused({ policy }: DecisionInput): Held | undefined {
  return policy.mode === 'paused' ? pausedHold('AUTOSCALE_MODE') : undefined
}

function clusterNotReady({ state: { condition } }: DecisionInput): Held | undefined {
  if (condition.kind !== 'not-ready') return undefined
  return { reason: 'cluster-not-ready', message: `The cluster can't grow now: ${condition.detail}.` }
}

function operationInProgress({ state: { condition, lastScaleOut } }: DecisionInput): Held | undefined {
  if (lastScaleOut.kind === 'running')
    return { reason: 'operation-in-progress', message: `A scale-out is under way: ${lastScaleOut.detail}.` }
  if (condition.kind !== 'updating') return undefined
  return { reason: 'operation-in-progress', message: `The cluster is being changed: ${condition.detail}.` }
}

function backingOff({ state: { lastScaleOut }, now }: DecisionInput): Held | undefined {
  if (lastScaleOut.kind !== 'failed') return undefined
  const until = backoffEnd(lastScaleOut)
  if (now >= until) return undefined
  const message = `The last scale-out failed (attempt ${lastScaleOut.attempt} in a row): ${lastScaleOut.error}`
  return { reason: 'backing-off', message, until }
}

function coolingDown(input: DecisionInput): Held | undefined {
  const { state, policy, now } = input
  const { lastScaleOut } = state
  const ends = [
    lastScaleOut.kind === 'succeeded' ? lastScaleOut.endedAt : undefined,
    topologyOf(input)?.history?.lastRiseAt,
  ]
  const lastEnd = Math.max(...ends.filter((end) => end !== undefined).map(Number))
  if (now.getTime() >= lastEnd + policy.cooldownMinutes * 60_000) return undefined
  const until = new Date(lastEnd + policy.cooldownMinutes * 60_000)
  const message = `The last scale-out ended less than ${policy.cooldownMinutes} min ago: its effect on the CPU must show first.`
  return { reason: 'cooling-down', message, until }
}

function coordinatorSilent({ state: { lastScaleOut }, coordinator }: DecisionInput): Held | undefined {
  if (coordinator.kind === 'answered' || lastScaleOut.kind !== 'succeeded' || !lastScaleOut.blind) return undefined
  const message = `The last scale-out was decided without the coordinator, which is still silent: no second scale-out until it answers. ${coordinator.message}`
  return { reason: 'coordinator-silent', message }
}

function rebalanceCancelled(input: DecisionInput): Held | undefined {
  const topology = topologyOf(input)
  const settled = topology && checkSettled(topology, input.now)
  if (settled?.kind !== 'cancelled') return undefined
  const { message, until } = settled
  return { reason: 'rebalance-cancelled', message, until }
}

function rebalancePending(input: DecisionInput): Held | undefined {
  const topology = topologyOf(input)
  const settled = topology && checkSettled(topology, input.now)
  if (settled?.kind !== 'under-way' && settled?.kind !== 'due') return undefined
  const { mode, setting } = input.policy.rebalance
  const kept =
    settled.kind === 'due' && mode !== 'on' ? ` ${setting} is ${mode}, so no rebalance starts by itself.` : ''
  return {
    reason: 'rebalance-pending',
    message: `More workers would not help before the shards are spread: ${settled.message}.${kept}`,
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

function tooFewShards(input: DecisionInput, { from, to }: Workers): Held | undefined {
  const topology = topologyOf(input)
  if (!topology || to > from) return undefined
  const message = `A further worker could hold no shard: there are ${topology.usefulWorkers} shard groups to spread over ${count(from)}.`
  return { reason: 'too-few-shards', message }
}

const count = (workers: number) => (workers === 1 ? '1 worker' : `${workers} workers`)

const why = ({ cpu, policy }: DecisionInput) =>
  cpu === undefined
    ? ': the alert brought no usable CPU value, so by SCALE_OUT_STEP'
    : `: mean CPU ${cpu.toFixed(1)} %, target ${policy.targetCpuPercent} %`
