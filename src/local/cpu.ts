import type { CpuReading } from './grafana/cpu-data-sources.ts'

/** A worker and the shard groups of distributed tables that it holds, each by its shard's id. */
export type Worker = { node: string; groups: readonly string[] }

/** A part of the load, 0 to 1, that one shard group has to itself. */
export type HotGroup = { group: string; share: number }

/**
 * The CPU of each worker under a load that spreads evenly over the shard groups, but for what a hot one has to itself; in percent and at
 * most 100. A worker without shards has nothing to do.
 * @param load in percent of one worker: 190 keeps two workers busy at 95 % each
 */
export function cpuOf(workers: readonly Worker[], load: number, hot?: HotGroup): number[] {
  const all = workers.reduce((sum, { groups }) => sum + groups.length, 0)
  return workers.map(({ groups }) => {
    if (all === 0) return 0
    const own = hot && groups.includes(hot.group) ? hot.share : 0
    return Math.min(100, load * (own + ((1 - (hot?.share ?? 0)) * groups.length) / all))
  })
}

/** Keeps the readings of the last so many seconds, as Azure Monitor and Prometheus do. */
export function createCpuHistory(seconds: number, now: () => number) {
  let readings: CpuReading[] = []
  return {
    add(...latest: CpuReading[]) {
      const oldest = now() - seconds * 1000
      readings = [...readings.filter(({ time }) => time.getTime() >= oldest), ...latest]
    },
    between: ({ from, to }: { from: Date; to: Date }) => readings.filter(({ time }) => time >= from && time <= to),
  }
}
