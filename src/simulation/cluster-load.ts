import type { Load } from './load.ts'
import { longestWait, shardGroups } from './world-facts.ts'

/** What a minute of the cluster was like, one entry a minute. CPU in percent. */
export type MinuteLog = {
  workers: Uint16Array
  /** The mean over all workers, as a metric has it: those without shards drag it down. */
  meanCpu: Float64Array
  /** The mean where the work is, each worker counting as much as it does: what an average query meets. */
  feltCpu: Float64Array
  /** 1 when some worker was busy all minute. */
  saturated: Uint8Array
}

export type ClusterLoad = {
  log: MinuteLog
  /** The workers do their part of the load for so many seconds of one minute, in which nothing else changes. */
  work: (minute: number, seconds: number) => void
  /** Writes the minute that is over into the log. */
  endMinute: (minute: number) => void
  /** A shard group has moved, or there are more workers. */
  place: (placements: readonly number[], workers: number) => void
}

/** The load on the workers: each does what the shard groups it holds ask for; what is more than it can do waits, and is given up. */
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
    // Not quite 100: the sum of floating point parts of a minute.
    log.saturated[minute] = most > 99.999 ? 1 : 0
  }

  return { log, work, endMinute, place } satisfies ClusterLoad
}
