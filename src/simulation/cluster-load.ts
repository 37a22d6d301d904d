import type { Load } from './load.ts'
import { longestWait, shardGroups } from './world-facts.ts'

/** The cluster over time, one entry per minute. CPU in percent. */
export type MinuteLog = {
  workers: Uint16Array
  /** The mean over all workers, as in the metric: workers without shards lower it. */
  meanCpu: Float64Array
  /** The mean with each worker weighted by its CPU: what an average query experiences. */
  feltCpu: Float64Array
  /** 1 when a worker was busy for the whole minute. */
  saturated: Uint8Array
}

export type ClusterLoad = {
  log: MinuteLog
  /** Runs the load for that many seconds within one minute, during which nothing else changes. */
  work: (minute: number, seconds: number) => void
  /** Adds the minute that has ended to the log. */
  endMinute: (minute: number) => void
  /** To call when a shard group has moved or workers were added. */
  place: (placements: readonly number[], workers: number) => void
}

/** The load on the workers: each does the work of its shard groups. Work beyond its capacity waits, and is dropped after `longestWait`. */
export function createClusterLoad({ minutes, hotTenant }: Load, placements: readonly number[], workers: number) {
  const log: MinuteLog = {
    workers: new Uint16Array(minutes.length),
    meanCpu: new Float64Array(minutes.length),
    feltCpu: new Float64Array(minutes.length),
    saturated: new Uint8Array(minutes.length),
  }
  let held: number[] = []
  let hotWorker = 0
  let waiting: number[] = []
  let busy: number[] = []

  function place(placements: readonly number[], workers: number) {
    held = Array.from({ length: workers }, (_, worker) => placements.filter((at) => at === worker).length)
    hotWorker = placements[0] ?? 0
    const grown = (before: number[]) => Array.from({ length: workers }, (_, worker) => before[worker] ?? 0)
    waiting = grown(waiting)
    busy = grown(busy)
  }
  place(placements, workers)

  function work(minute: number, seconds: number) {
    const hot = hotTenant?.[minute] ?? 0
    const each = ((minutes[minute] ?? 0) - hot) / shardGroups
    for (let worker = 0; worker < held.length; worker++) {
      const asked = (held[worker] ?? 0) * each + (worker === hotWorker ? hot : 0)
      const wanted = (waiting[worker] ?? 0) + asked * seconds
      const done = Math.min(wanted, 100 * seconds)
      busy[worker] = (busy[worker] ?? 0) + done
      waiting[worker] = Math.min(wanted - done, 100 * longestWait)
    }
  }

  function endMinute(minute: number) {
    let sum = 0
    let weighted = 0
    let most = 0
    for (let worker = 0; worker < busy.length; worker++) {
      const cpu = (busy[worker] ?? 0) / 60
      sum += cpu
      weighted += cpu * cpu
      most = Math.max(most, cpu)
      busy[worker] = 0
    }
    log.workers[minute] = busy.length
    log.meanCpu[minute] = sum / busy.length
    log.feltCpu[minute] = sum === 0 ? 0 : weighted / sum
    // Not exactly 100, since it is a sum of floating point numbers.
    log.saturated[minute] = most > 99.999 ? 1 : 0
  }

  return { log, work, endMinute, place } satisfies ClusterLoad
}
