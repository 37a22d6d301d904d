import type { CpuReading } from './grafana/cpu-data-sources.ts'

/** A worker and the shard groups of distributed tables that it holds. */
export type Worker = { node: string; shardGroups: number }

/**
 * The CPU of each worker under a load that spreads evenly over the shard groups, in percent and at most 100: a worker without shards
 * has nothing to do.
 * @param load in percent of one worker: 190 keeps two workers busy at 95 % each
 */
export function cpuOf(workers: readonly Worker[], load: number): number[] {
  const groups = workers.reduce((sum, { shardGroups }) => sum + shardGroups, 0)
  return workers.map(({ shardGroups }) => (groups === 0 ? 0 : Math.min(100, (load * shardGroups) / groups)))
}

/** Keeps the readings of the recent past, as Azure Monitor and Prometheus do. */
export function createCpuHistory(seconds: number) {
  let readings: CpuReading[] = []
  return {
    add(...latest: CpuReading[]) {
      const oldest = Date.now() - seconds * 1000
      readings = [...readings.filter(({ time }) => time.getTime() >= oldest), ...latest]
    },
    between: ({ from, to }: { from: Date; to: Date }) => readings.filter(({ time }) => time >= from && time <= to),
  }
}
