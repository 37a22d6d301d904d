import { workersFor } from '../scaling/next-size.ts'
import type { ScalingPolicy } from '../scaling/policy.ts'
import type { Claim } from './judge-claims.ts'
import type { Run } from './run-policy.ts'
import type { Bar } from './summarize-run.ts'
import { episodesOver } from './summarize-run.ts'
import { overPatience } from './world-facts.ts'

/**
 * The claim about the load `step`: one scale-out, to the number of workers that the new load needs at the target, and relief after the alert
 * within 1.1 times the duration of provisioning and rebalance.
 */
export function judgeStep(
  { load, log, growths, notifiedAt }: Run,
  policy: ScalingPolicy,
  { over: threshold }: Bar,
): Claim {
  const text = 'step: one scale-out, to the right size, relieved in 1.1 × (provisioning + rebalance)'
  const [growth] = growths
  const [alertedAt] = notifiedAt
  if (!growth?.succeeds || !growth.rebalance?.endedAt || alertedAt === undefined)
    return { text, figures: growth ? 'the first deployment failed' : 'it did not scale out', holds: false }
  const over = Array.from(log.feltCpu, (cpu) => cpu > threshold)
  const relievedAt = 60 * (episodesOver(over, overPatience)[0]?.end ?? Infinity)
  const took = relievedAt - alertedAt
  const needed = growth.endsAt - growth.acceptedAt + growth.rebalance.endedAt - growth.rebalance.startedAt
  const rightSize = workersFor(mean(load.minutes.slice(-lastDay)), policy.targetCpuPercent)
  const sizes = growths.map(({ to }) => to)
  return {
    text,
    figures: `to ${sizes.join(', then to ')} (right: ${rightSize}); relief ${minutes(took)} after the alert, provisioning and rebalance ${minutes(needed)}`,
    holds: sizes.length === 1 && sizes[0] === rightSize && took <= 1.1 * needed,
  }
}

const lastDay = 24 * 60

const mean = (work: Float64Array) => work.reduce((sum, minute) => sum + minute, 0) / work.length

const minutes = (seconds: number) => `${(seconds / 60).toFixed(1)} min`
