import type { ClusterState, Coordinator } from '../scaling/cluster-state.ts'
import type { ScalingPolicy } from '../scaling/policy.ts'
import type { Order, Seconds } from './simulated-cluster.ts'

/** What a policy gets to see. */
export type View = {
  now: Date
  /** Minutes since the start. */
  minute: number
  state: ClusterState
  coordinator: () => Coordinator
  /** Since when all shards are where they should be; undefined while some have still to move. */
  settledSince: () => Seconds | undefined
  /** The workers' mean CPU: of the notification, or the newest that has arrived for a policy that looks by itself. */
  cpu: number | undefined
  /** The lowest mean CPU of the newest so many minutes. */
  lowestCpu: (minutes: number) => number | undefined
}

/** A way to decide on growth. All of them share the cluster, the metrics and the rebalance; none can shrink, as the service can't. */
export type Policy = {
  name: string
  title: string
  /** What makes it decide: Grafana's notifications, by the shipped rules or by the blog's, or a look every so many seconds. */
  wokenBy: 'shipped-rules' | 'blog-rule' | { every: number }
  decide: (view: View) => Order | undefined
}

/** The order of a policy that asks no coordinator, none of which is more than the largest size. */
export function grown(state: ClusterState, wanted: number, settings: ScalingPolicy): Order | undefined {
  const to = Math.min(wanted, largestOf(state, settings))
  return to > state.workers ? { to, attempt: 1, blind: false } : undefined
}

export const largestOf = ({ sizes }: ClusterState, { maxWorkers }: ScalingPolicy): number =>
  Math.min(maxWorkers, sizes.largest)
