import type { Rebalance, Topology } from './cluster-state.ts'

const stopStandsMilliseconds = 24 * 3_600_000

/** Whether the shards are spread over the workers; if not, what has to happen before more workers can help. */
export type Settled =
  | { kind: 'settled' }
  /** A rebalance is unfinished, or is being started: then it has no job yet. */
  | { kind: 'under-way'; job: number | undefined; message: string }
  | { kind: 'cancelled'; until: Date; message: string }
  | { kind: 'due'; message: string }

/**
 * Follows the schema `autoscaler`, with one rule added: a rebalance that a person stopped stays stopped for a day, unless nothing is left
 * to move or a worker has come since.
 */
export function checkSettled(topology: Topology, now: Date): Settled {
  const { plan, rebalance } = topology
  if (plan.reason === 'running' || plan.reason === 'starting')
    return { kind: 'under-way', job: rebalance?.isUnfinished ? rebalance.job : undefined, message: plan.message }
  const until = rebalance && stopEnd(rebalance, topology)
  if (rebalance && until && now < until && !(plan.isKnown && plan.moves === 0)) {
    const message = `A person stopped rebalance job ${rebalance.job} before its end (${plan.message}). To go on: SELECT citus_rebalance_start();`
    return { kind: 'cancelled', until, message }
  }
  if (plan.reason === 'settled') return { kind: 'settled' }
  return { kind: 'due', message: plan.message }
}

/** When a person's stop ends by itself; undefined when there was none, or a worker has come since. */
function stopEnd({ state, finishedAt, workerCameSince }: Rebalance, { workers, history }: Topology): Date | undefined {
  const isOneMoreThanRecorded = history?.newestCount !== undefined && workers.length > history.newestCount
  if (state !== 'cancelled' || finishedAt === undefined || workerCameSince || isOneMoreThanRecorded) return undefined
  return new Date(finishedAt.getTime() + stopStandsMilliseconds)
}
