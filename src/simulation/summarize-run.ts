import type { Run } from './run-policy.ts'
import type { FiringRules } from './shipped-rule.ts'
import { splitTime, type TimeSplit } from './split-time.ts'
import { overPatience } from './world-facts.ts'

/** How a run is judged: `over` is the CPU in percent above which a minute counts, `rules` say when a growth was needed. */
export type Bar = { over: number; rules: FiringRules }

/** The figures of a run, in minutes, except node-hours: workers times hours, without the coordinator. */
export type Summary = {
  name: string
  title: string
  /** Minutes in which `feltCpu` was over the threshold. */
  minutesOver: number
  /** Minutes in which at least one worker was saturated. */
  minutesSaturated: number
  /** The time from going over the threshold to staying under it; null when that never happened. */
  relief: { median: number; p95: number } | null
  /** Whether the load ends while it is still over. */
  endsOver: boolean
  nodeHours: number
  workers: { first: number; last: number }
  scaleOuts: number
  deploymentsFailed: number
  deploymentsRefused: number
  /** Scale-outs that began before the last had settled. */
  beforeSettled: number
  /** Scale-outs decided while the coordinator was silent. */
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

/** In minutes; `end` is the first one under the threshold again. */
export type Episode = { start: number; end: number | undefined }

/**
 * The periods over the threshold. As with the alert, a period begins after `patience` minutes over, and ends after as many under.
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

/** The smallest of the values that is greater than or equal to at least this share of them. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}
