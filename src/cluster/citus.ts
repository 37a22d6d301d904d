import { addWorkers, type AddedWorkers } from '../citus/add-workers.ts'
import { addressOf, type PoolServer } from '../citus/pool-server.ts'
import { readTopology } from '../citus/topology.ts'
import type { Cluster, ScaleOutStart } from './cluster.ts'

export type CitusClusterOptions = { url: string; pool: readonly PoolServer[] }

/**
 * A Citus that somebody runs themselves: it grows by the servers of a pool that waits. Its catalogue tells everything there is to
 * know; when it grew last is in `worker_count` only, since `pg_dist_node` holds no time.
 */
export function citusCluster({ url, pool }: CitusClusterOptions): Cluster {
  return {
    async read() {
      const topology = await readTopology(url, false)
      const present = new Set(topology.workers.map(({ node }) => node))
      const candidates = pool.filter((server) => !present.has(addressOf(server)))
      const workers = topology.workers.length
      return {
        state: {
          workers,
          condition: { kind: 'ready' },
          lastScaleOut: { kind: 'none' },
          sizes: { smallest: 1, largest: workers + candidates.length },
        },
        topology,
        warnings: [],
        scaleOut: async ({ from, to }) =>
          startOf(from, await addWorkers({ url, candidates, workers: from, count: to - from })),
      }
    },
  }
}

function startOf(from: number, result: AddedWorkers): ScaleOutStart {
  if (result.kind === 'operation-in-progress') return result
  const { added, skipped } = result
  const to = from + added.length
  const message = `The cluster has grown from ${from} to ${to} workers: ${added.join(', ')} came.`
  return { kind: 'started', details: { workers: { from, to }, message, added, skipped } }
}
