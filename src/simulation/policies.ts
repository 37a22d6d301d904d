import { decide } from '../scaling/decide.ts'
import type { ClusterState, Topology } from '../scaling/cluster-state.ts'
import type { ScalingPolicy } from '../scaling/policy.ts'
import type { Load } from './load.ts'
import { shardGroups } from './world-facts.ts'

/** What a policy gets to see. */
export type View = {
  now: Date
  /** Minutes since the start. */
  minute: number
  state: ClusterState
  /** Asks the coordinator; undefined when it does not answer. */
  topology: () => Topology | undefined
  /** The workers' mean CPU: of the notification, or the newest that has arrived for a policy that looks by itself. */
  cpu: number | undefined
}

export type Order = { to: number; attempt: number }

/** A way to decide on growth. All of them share the cluster, the metrics and the rebalance; none can shrink, as the service can't. */
export type Policy = {
  name: string
  title: string
  /** Seconds between two looks of its own; without it Grafana's notifications wake it. */
  every?: number
  decide: (view: View) => Order | undefined
}

/** @param threshold CPU in percent above which the shipped rule fires */
export const policiesFor = (settings: ScalingPolicy, load: Load, threshold: number): Policy[] => [
  ours(settings),
  oneMore('webhook', 'one more worker for every notification', settings, () => true),
  oneMore('cooldown', 'one more worker per cooldown', settings, hasCooledDown(settings)),
  horizontalPodAutoscaler(settings),
  oracle(settings, load, threshold),
]

export const ours = (policy: ScalingPolicy): Policy => ({
  name: 'ours',
  title: 'this project, with its settings',
  decide({ state, topology, cpu, now }) {
    const decision = decide({ state, topology: topology(), cpu, policy, now })
    return decision.kind === 'scale-out' ? { to: decision.workers.to, attempt: decision.attempt } : undefined
  },
})

const largestOf = ({ sizes }: ClusterState, { maxWorkers }: ScalingPolicy) => Math.min(maxWorkers, sizes.largest)

const grown = (state: ClusterState, wanted: number, settings: ScalingPolicy): Order | undefined => {
  const to = Math.min(wanted, largestOf(state, settings))
  return to > state.workers ? { to, attempt: 1 } : undefined
}

const oneMore = (name: string, title: string, settings: ScalingPolicy, may: (view: View) => boolean): Policy => ({
  name,
  title,
  decide: (view) => (may(view) ? grown(view.state, view.state.workers + 1, settings) : undefined),
})

const hasCooledDown =
  ({ cooldownMinutes }: ScalingPolicy) =>
  ({ state: { lastScaleOut }, now }: View): boolean => {
    if (lastScaleOut.kind === 'running') return false
    return lastScaleOut.kind === 'none' || now.getTime() >= lastScaleOut.endedAt.getTime() + cooldownMinutes * 60_000
  }

/**
 * Kubernetes's horizontal pod autoscaler with its defaults (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/):
 * a look every 15 s, a tolerance of 10 %, upward no stabilisation and at most the double or four more at once. Its target is ours, so
 * that sizes compare. Its five minutes of downward stabilisation never matter, since nothing can shrink. Pods that are not ready, or have
 * no metric yet, count as idle to it, so it waits for those on their way.
 */
const horizontalPodAutoscaler = (settings: ScalingPolicy): Policy => ({
  name: 'hpa',
  title: "Kubernetes' HPA",
  every: 15,
  decide({ state, cpu }) {
    if (cpu === undefined || state.lastScaleOut.kind === 'running') return undefined
    const ratio = cpu / settings.targetCpuPercent
    if (ratio <= 1.1) return undefined
    const atMost = Math.max(2 * state.workers, state.workers + 4)
    return grown(state, Math.min(Math.ceil(state.workers * ratio), atMost), settings)
  },
})

const lookahead = 120

/** Knows the load two hours ahead, enough for a deployment that fails and one more, and has just the workers for it: the floor of the costs. */
function oracle(settings: ScalingPolicy, { minutes }: Load, threshold: number): Policy {
  return {
    name: 'oracle',
    title: 'an oracle that knows the load ahead',
    every: 60,
    decide({ state, minute }) {
      if (state.lastScaleOut.kind === 'running') return undefined
      const highest = minutes.subarray(minute, minute + lookahead).reduce((most, work) => Math.max(most, work), 0)
      let wanted = state.workers
      while (wanted < largestOf(state, settings) && feltCpu(highest, wanted) > threshold) wanted++
      return grown(state, wanted, settings)
    },
  }
}

/** CPU where the work is, when the shard groups are spread as evenly as they can be: 32 over 20 workers is two or one each. */
function feltCpu(work: number, workers: number): number {
  const least = Math.floor(shardGroups / workers)
  const fuller = shardGroups % workers
  const squares = fuller * (least + 1) ** 2 + (workers - fuller) * least ** 2
  return (work * squares) / shardGroups ** 2
}
