import type { Run } from './run-policy.ts'
import type { FiringRules } from './shipped-rule.ts'
import { splitTime, type TimeSplit } from './split-time.ts'
import { overPatience } from './world-facts.ts'

/** What a run is judged by: CPU in percent above which a minute is over, and the rules that tell when a growth was called for. */
export type Bar = { over: number; rules: FiringRules }

/** What a run comes to. Minutes, but for the node-hours: workers times hours, the coordinator not counted. */
export type Summary = {
  name: string
  title: string
  /** Minutes in which the CPU where the work is was over the threshold. */
  minutesOver: number
  /** Minutes in which at least one worker had no moment's rest. */
  minutesSaturated: number
  /** How long it took from going over the threshold to staying under it; null where that never was. */
  relief: { median: number; p95: number } | null
  /** Whether the load ends while it is still over. */
  endsOver: boolean
  nodeHours: number
  workers: { first: number; last: number }
  scaleOuts: number
  deploymentsFailed: number
  deploymentsRefused: number
  /** Scale-outs begun before the one before had come to its end, shards spread. */
  beforeSettled: number
  /** Scale-outs decided on while the coordinator was silent. */
  blind: number
  growths: TimeSplit[]
}

export function summarizeRun(run: Run, { over: threshold, rules }: Bar): Summary {
  const { policy, log, growths, refused } = run
  const count = (values: Iterable<boolean>) => [...values].filter(Boolean).length
  const over = Array.from(log.feltCpu, (cpu) => cpu > threshold)
  const episodes = episodesOver(over, overPatience)
  const lengths = episodes.filter(({ end }) => end !== undefined).map(({ start, end = start }) => end - start)
  const succeeded = growths.filter(({ succeeds }) => succeeds)
  return {
    name: policy.name,
    title: policy.title,
    minutesOver: count(over),
    minutesSaturated: log.saturated.reduce((sum, minute) => sum + minute, 0),
    relief: lengths.length === 0 ? null : { median: quantile(lengths, 0.5), p95: quantile(lengths, 0.95) },
    endsOver: episodes.at(-1)?.end === undefined && episodes.length > 0,
    nodeHours: log.workers.reduce((sum, workers) => sum + workers, 0) / 60,
    workers: { first: log.workers[0] ?? 0, last: log.workers.at(-1) ?? 0 },
    scaleOuts: succeeded.length,
    deploymentsFailed: growths.length - succeeded.length,
    deploymentsRefused: refused,
    beforeSettled: growths.filter(({ afterSettled }) => !afterSettled).length,
    blind: succeeded.filter(({ blind }) => blind).length,
    growths: splitTime(run, rules),
  }
}

/** In minutes, `end` being the first that is under again. */
export type Episode = { start: number; end: number | undefined }

/**
 * Stretches over the threshold. As the alert has it, less than `patience` minutes over do not begin one, and only as many under end it.
 */
export function episodesOver(over: readonly boolean[], patience: number): Episode[] {
  const episodes: Episode[] = []
  let current: Episode | undefined
  let since = 0
  over.forEach((isOver, minute) => {
    if (isOver === (current !== undefined)) since = minute + 1
    if (minute + 1 - since < patience) return
    if (current) current.end = since
    else episodes.push({ start: since, end: undefined })
    current = current ? undefined : episodes.at(-1)
    since = minute + 1
  })
  return episodes
}

/** The smallest value that at least this share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}
