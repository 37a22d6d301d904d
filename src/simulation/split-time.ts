import type { Run } from './run-policy.ts'
import type { FiringRules } from './shipped-rule.ts'
import type { Growth } from './simulated-cluster.ts'
import { overPatience } from './world-facts.ts'

/**
 * The phases of one growth, in minutes. *Detect*: from the first minute above the rules' threshold to the notification. *Decide*: until a
 * deployment is accepted that succeeds. *Provision*: until the workers are there. *Move*: until the shards are spread. *Relief*: from the
 * first minute until `feltCpu` stays below the threshold, which may be before the last shard has moved.
 */
export type TimeSplit = {
  from: number
  to: number
  /** Minutes since the start. */
  crossedAt: number
  detect: number
  decide: number
  provision: number
  /** Null when the load ends first. */
  move: number | null
  relief: number | null
}

/** For each growth that succeeded. A policy that polls has no notification: its *detect* ends with the acceptance, and its *decide* is 0. */
export function splitTime(run: Run, rules: Pick<FiringRules, 'threshold' | 'recovery'>): TimeSplit[] {
  const succeeded = run.growths.filter(({ succeeds, endsAt }) => succeeds && endsAt <= run.log.workers.length * 60)
  return succeeded.map((growth, index) => {
    const crossedAt = crossing(run, growth, succeeded[index - 1], rules)
    const notified = run.notifiedAt.find((at) => at >= crossedAt * 60 && at <= growth.acceptedAt) ?? growth.acceptedAt
    const relieved = relievedAt(run, growth, rules.threshold)
    const movedAt = growth.rebalance?.endedAt
    return {
      from: growth.from,
      to: growth.to,
      crossedAt,
      detect: notified / 60 - crossedAt,
      decide: (growth.acceptedAt - notified) / 60,
      provision: (growth.endsAt - growth.acceptedAt) / 60,
      move: movedAt === undefined ? null : (movedAt - growth.endsAt) / 60,
      relief: relieved === undefined ? null : relieved - crossedAt,
    }
  })
}

/** The first minute above the threshold since the CPU was below the recovery threshold, or since the growth before had ended. */
function crossing(
  { log }: Run,
  growth: Growth,
  before: Growth | undefined,
  { threshold, recovery }: Pick<FiringRules, 'threshold' | 'recovery'>,
) {
  const decidedIn = Math.floor(growth.acceptedAt / 60)
  const earliest = Math.ceil((before?.rebalance?.endedAt ?? before?.endsAt ?? 0) / 60)
  let crossed = decidedIn
  for (let minute = decidedIn - 1; minute >= earliest; minute--) {
    const cpu = log.meanCpu[minute] ?? 0
    if (cpu < recovery) break
    if (cpu > threshold) crossed = minute
  }
  return crossed
}

function relievedAt({ log }: Run, { endsAt }: Growth, threshold: number): number | undefined {
  let since = Math.floor(endsAt / 60)
  for (let minute = since; minute < log.feltCpu.length; minute++) {
    if ((log.feltCpu[minute] ?? 0) > threshold) since = minute + 1
    if (minute + 1 - since >= overPatience) return since
  }
  return undefined
}
