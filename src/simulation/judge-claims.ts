import type { ScalingPolicy } from '../scaling/policy.ts'
import type { Run } from './run-policy.ts'
import { episodesOver, type Bar, type Summary } from './summarize-run.ts'

/** One thing that this project would like to say of itself, and whether a simulation bears it out. */
export type Claim = { text: string; figures: string; holds: boolean }

const mostMinutes = 1 / 3
const mostNodeHours = 1.1

/** What a policy is judged by: how long the load was over the threshold, and what that cost. */
type Outcome = Pick<Summary, 'minutesOver' | 'nodeHours'>
export type Pair = { load: string; ours: Outcome; cooldown: Outcome }

/** Against one more worker per cooldown: at most a third of its minutes over the threshold, at 1.1 times its node-hours at most. */
export function judgeAgainstCooldown({ load, ours, cooldown }: Pair): Claim {
  const hours = ours.nodeHours / cooldown.nodeHours
  return {
    text: `${load}: at most 1/3 of cooldown's minutes over, at no more than 1.1 × its node-hours`,
    figures: `${ours.minutesOver} of ${cooldown.minutesOver} minutes over, ${hours.toFixed(2)} times the node-hours`,
    holds: ours.minutesOver <= mostMinutes * cooldown.minutesOver && hours <= mostNodeHours,
  }
}

/** The same over all loads together. */
export function allLoads(pairs: readonly Pair[]): Pair {
  const total = (outcomes: readonly Outcome[]) => ({
    minutesOver: outcomes.reduce((sum, { minutesOver }) => sum + minutesOver, 0),
    nodeHours: outcomes.reduce((sum, { nodeHours }) => sum + nodeHours, 0),
  })
  return {
    load: 'all loads',
    ours: total(pairs.map(({ ours }) => ours)),
    cooldown: total(pairs.map(({ cooldown }) => cooldown)),
  }
}

/**
 * The step: one scale-out, to as many workers as the load after it needs at the target, and relief within 1.1 times what
 * provisioning and rebalance took, counted from the alert.
 */
export function judgeStep({ load, log, growths, notifiedAt }: Run, policy: ScalingPolicy, bar: Bar): Claim {
  const text = 'step: one scale-out, to the right size, relieved in 1.1 × (provisioning + rebalance)'
  const [growth] = growths
  const [alertedAt] = notifiedAt
  if (!growth?.succeeds || !growth.rebalance?.endedAt || alertedAt === undefined)
    return { text, figures: growth ? 'the first deployment failed' : 'it did not scale out', holds: false }
  const over = Array.from(log.feltCpu, (cpu) => cpu > bar.threshold)
  const relievedAt = 60 * (episodesOver(over, bar.patience)[0]?.end ?? Infinity)
  const took = relievedAt - alertedAt
  const needed = growth.endsAt - growth.acceptedAt + growth.rebalance.endedAt - growth.rebalance.startedAt
  const rightSize = workersFor(load.minutes.slice(-lastDay), policy.targetCpuPercent)
  const sizes = growths.map(({ to }) => to)
  return {
    text,
    figures: `to ${sizes.join(', then to ')} (right: ${rightSize}); relief ${minutes(took)} after the alert, provisioning and rebalance ${minutes(needed)}`,
    holds: sizes.length === 1 && sizes[0] === rightSize && took <= 1.1 * needed,
  }
}

const lastDay = 24 * 60

/** A load of exactly six workers' worth is 6.001 as its noise falls out: a twentieth of a worker is not worth a seventh. */
function workersFor(work: Float64Array, targetCpuPercent: number): number {
  const mean = work.reduce((sum, minute) => sum + minute, 0) / work.length
  return Math.ceil(mean / targetCpuPercent - 0.05)
}

const minutes = (seconds: number) => `${(seconds / 60).toFixed(1)} min`
