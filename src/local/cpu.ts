import type { CpuReading } from './grafana/cpu-data-sources.ts'

/** A worker and the shard groups of distributed tables that it holds, each by its shard's id. */
export type Worker = { node: string; groups: readonly string[] }

/** The part of the load, 0 to 1, that goes to one hot shard group. */
export type HotGroup = { group: string; share: number }

/**
 * The CPU of each worker in percent, at most 100. The load is spread evenly over the shard groups, except for the part of a hot one. A
 * worker without shards is idle.
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

/** Keeps the readings of the last `seconds`, as Azure Monitor and Prometheus do. */
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
