import { addWorkers, type AddedWorkers } from '../citus/add-workers.ts'
import { addressOf, type Database } from '../citus/database.ts'
import type { Server } from '../citus/dial.ts'
import { readTopology, withPlan } from '../citus/read-topology.ts'
import type { Condition, LastScaleOut, Topology } from '../scaling/cluster-state.ts'
import { UpstreamError } from '../upstream-error.ts'
import type { Cluster, ScaleOutStart } from './cluster.ts'
import { planMilliseconds, topologyWarnings } from './topology-warnings.ts'

export type CitusClusterOptions = { database: Database; strategy: string; pool: readonly Server[] }

/**
 * A self-managed Citus cluster: it grows by the servers of CITUS_WORKER_POOL. Everything is read from Citus's catalogue, except the time
 * of the last scale-out: that is in `worker_count`, since `pg_dist_node` has no times.
 */
export function citusCluster({ database, strategy, pool }: CitusClusterOptions): Cluster {
  return {
    async read() {
      const read = await readTopology(database, strategy)
      const { topology, warnings } = await withPlan(database, strategy, read, planMilliseconds)
      const present = new Set(topology.nodes)
      const candidates = pool.filter((server) => !present.has(addressOf(server)))
      const workers = topology.workers.length
      return {
        state: {
          workers,
          condition: conditionOf(topology),
          lastScaleOut: lastScaleOut(topology),
          sizes: { smallest: 1, largest: workers + candidates.length },
        },
        coordinator: { kind: 'answered', topology },
        warnings: [...warnings, ...topologyWarnings(topology)],
        scaleOut: async ({ from, to }) =>
          startOf(from, to, await addWorkers({ database, candidates, workers: from, count: to - from })),
      }
    },
  }
}

/** Without the history the end of the last scale-out is unknown, and there would be no cooldown. */
function conditionOf({ history }: Topology): Condition {
  if (!history)
    throw new UpstreamError('citus-refused', 'The table public.worker_count does not exist: run sql/01-autoscaler.sql.')
  if (!history.isStopped) return { kind: 'ready' }
  const { secondsSinceLastRow: seconds } = history
  const last = seconds === undefined ? 'no row at all' : `its last row is ${Math.round(seconds)} s old`
  return {
    kind: 'not-ready',
    detail: `worker_count has stopped (${last}), so the cooldown is unknown; see cron.job_run_details for why pg_cron does not write it`,
  }
}

function lastScaleOut({ isAddingWorkers, failedWorkerStart: failed, history }: Topology): LastScaleOut {
  if (isAddingWorkers) return { kind: 'running', detail: 'a server is being added' }
  const rise = history?.lastRiseAt
  if (failed && !(rise && rise > failed.endedAt))
    return { kind: 'failed', endedAt: failed.endedAt, attempt: failed.failures, error: failed.error }
  return rise ? { kind: 'succeeded', endedAt: rise } : { kind: 'none' }
}

function startOf(from: number, wanted: number, result: AddedWorkers): ScaleOutStart {
  if (result.kind === 'operation-in-progress') return result
  if (result.kind === 'adding') {
    const message = `The cluster grows from ${from} to ${wanted} workers; Citus is still adding them.`
    return { kind: 'started', details: { message } }
  }
  const { added, skipped } = result
  const to = from + added.length
  const message = `The cluster has grown from ${from} to ${to} workers; added: ${added.join(', ')}.`
  return { kind: 'started', details: { workers: { from, to }, message, added, skipped } }
}
