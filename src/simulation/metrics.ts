import type { QueryResult } from '../local/grafana/evaluate-rule.ts'
import type { DataSourceQuery } from '../local/grafana/read-alerting.ts'
import type { Value } from '../local/grafana/values.ts'
import type { ClusterKind } from '../settings.ts'
import { dateAt, type Load } from './load.ts'
import type { Growth, SimulatedCluster } from './simulated-cluster.ts'
import { coordinatorCpu, metricsLate, workerCountInterval } from './world-facts.ts'

/** What the monitoring knows about the cluster. Times in seconds since the start. */
export type Metrics = {
  /** The answer to a query of the shipped rules at a time. Throws when the simulation doesn't know the query. */
  answer: (query: DataSourceQuery, now: number) => QueryResult
  /** The workers' mean CPU in the newest minute that has arrived; workers added since then count as idle. */
  newestCpu: (now: number) => number | undefined
  /** The lowest mean CPU in that many newest minutes that have arrived; undefined when one is missing. */
  lowestCpu: (now: number, minutes: number) => number | undefined
  /** Whether the CPU was never above the threshold in the last `seconds`, with the current number of workers: then no mean is above it. */
  isCalm: (now: number, seconds: number, threshold: number) => boolean
}

type Point = (minute: number) => number

export function metricsOf(cluster: SimulatedCluster, load: Load, kind: ClusterKind): Metrics {
  const { log } = cluster
  const late = metricsLate(kind)
  // The timestamp of a minute is its beginning in Azure Monitor, its end with Prometheus's rate().
  const stamp = kind === 'citus' ? 60 : 0
  const isMissing = (minute: number) =>
    (load.metricsOutages ?? []).some(([from, to]) => minute >= from && minute < to) || minute < 0

  const workersMean: Point = (minute) => log.meanCpu[minute] ?? 0
  // Azure Monitor averages over all servers, the coordinator of Azure Cosmos DB for PostgreSQL among them.
  const allServersMean: Point = (minute) => {
    const workers = log.workers[minute] ?? 0
    return (workersMean(minute) * workers + coordinatorCpu) / (workers + 1)
  }

  function series(query: DataSourceQuery, now: number, point: Point): Value[] {
    const first = Math.ceil((now - query.from - stamp) / 60)
    const arrived = Math.floor((now - late) / 60) + 1
    const end = Math.min(Math.ceil((now - query.to - stamp) / 60), arrived)
    const minutes = Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index)
    const points = minutes
      .filter((minute) => !isMissing(minute))
      .map((minute) => ({ time: dateAt(minute * 60 + stamp), value: point(minute) }))
    return points.length === 0 ? [] : [{ kind: 'series', labels: {}, points }]
  }

  const number = (value: number): Value[] => [{ kind: 'number', labels: {}, value }]

  /** As autoscaler.worker_change: the newest row of worker_count minus the first one in the window. */
  function workerChange(query: DataSourceQuery, now: number): number {
    const newest = Math.floor(now / workerCountInterval) * workerCountInterval
    const first = Math.ceil((now - query.from) / workerCountInterval) * workerCountInterval
    return workersAt(cluster, newest) - workersAt(cluster, first)
  }

  function answer(query: DataSourceQuery, now: number): QueryResult {
    const coordinator = 'rawSql' in query.model ? cluster.coordinator() : undefined
    if (coordinator?.kind === 'silent') return { ok: false, message: coordinator.message }
    return { ok: true, values: valuesOf(query, now) }
  }

  function valuesOf(query: DataSourceQuery, now: number): readonly Value[] {
    switch (query.refId) {
      case 'all_nodes_metric':
        return series(query, now, kind === 'cosmosdb-postgresql' ? allServersMean : workersMean)
      case 'coordinator_metric':
        return series(query, now, () => coordinatorCpu)
      case 'workers_metric':
        return series(query, now, workersMean)
      case 'workers':
        return number(cluster.state().workers)
      case 'change':
        return number(workerChange(query, now))
      case 'unsettled':
        return number(cluster.isRebalanceDue() ? 1 : 0)
      default:
        throw new Error(`the simulation has no answer to the query ${query.refId}: give it one in metrics.ts`)
    }
  }

  function isCalm(now: number, seconds: number, threshold: number): boolean {
    const { workers } = cluster.state()
    for (let minute = Math.max(0, Math.floor((now - seconds - stamp) / 60)); minute < Math.floor(now / 60); minute++)
      if (workersMean(minute) > threshold || log.workers[minute] !== workers) return false
    return true
  }

  return {
    answer,
    isCalm,
    lowestCpu(now, minutes) {
      const newest = Math.floor((now - late) / 60)
      let lowest = Infinity
      for (let minute = newest; minute > newest - minutes; minute--) {
        if (isMissing(minute)) return undefined
        lowest = Math.min(lowest, workersMean(minute))
      }
      return lowest
    },
    newestCpu(now) {
      const minute = Math.floor((now - late) / 60)
      if (isMissing(minute)) return undefined
      return (workersMean(minute) * (log.workers[minute] ?? 0)) / cluster.state().workers
    },
  }
}

function workersAt({ growths, state }: SimulatedCluster, at: number): number {
  const cameBefore = ({ succeeds, endsAt }: Growth) => succeeds && endsAt <= at
  return growths.findLast(cameBefore)?.to ?? growths[0]?.from ?? state().workers
}
