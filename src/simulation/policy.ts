import type { ClusterState, Coordinator } from '../scaling/cluster-state.ts'
import type { ScalingPolicy } from '../scaling/policy.ts'
import type { Order, Seconds } from './simulated-cluster.ts'

/** What a policy can see. */
export type View = {
  now: Date
  /** Minutes since the start. */
  minute: number
  state: ClusterState
  coordinator: () => Coordinator
  /** Since when there is nothing to move; undefined while there is. */
  settledSince: () => Seconds | undefined
  /** The workers' mean CPU: from the notification, or the newest metric for a policy that polls. */
  cpu: number | undefined
  /** The lowest mean CPU in that many newest minutes. */
  lowestCpu: (minutes: number) => number | undefined
}

/** Decides when to scale out. Cluster, metrics and rebalances are the same for all policies. None removes workers, since the service can't. */
export type Policy = {
  name: string
  title: string
  /** When it decides: on Grafana's notifications, by the shipped rules or by the blog's, or every that many seconds. */
  wokenBy: 'shipped-rules' | 'blog-rule' | { every: number }
  decide: (view: View) => Order | undefined
}

/** The order of a policy that does not ask the coordinator, limited to the largest size. */
export function grown(state: ClusterState, wanted: number, settings: ScalingPolicy): Order | undefined {
  const to = Math.min(wanted, largestOf(state, settings))
  return to > state.workers ? { to, attempt: 1, blind: false } : undefined
}

export const largestOf = ({ sizes }: ClusterState, { maxWorkers }: ScalingPolicy): number =>
  Math.min(maxWorkers, sizes.largest)
