import { scalingPolicy } from '../functions/scaling-policy.ts'
import { loadMakers } from './built-in-loads.ts'
import { findViolations, type Violation } from './find-violations.ts'
import { minutesADay, type Load } from './load.ts'
import { ours } from './policies.ts'
import { randomStream } from './random-stream.ts'
import { runPolicy, type World } from './run-policy.ts'

export type MonthsCheck = {
  months: number
  scaleOuts: number
  deploymentsFailed: number
  /** Silences of the coordinator, each of an hour or more, and the scale-outs decided on in them. */
  silences: number
  blind: number
  /** Blind growths that began before the last had settled: the coordinator could not be asked. */
  blindBeforeSettled: number
  /** With seed and load, to run the month again. */
  violations: ({ seed: number; load: string } & Violation)[]
}

/**
 * Looks for violations by our policy in months with the seeds from `world.seed` on, each with the next load, with lost, late and duplicated
 * notifications, failed deployments, silences of the coordinator, cancelled rebalances and missing metrics.
 */
export function checkMonths(months: number, world: World, onMonth?: (done: number) => void): MonthsCheck {
  const { settings } = world
  const result: MonthsCheck = {
    months,
    scaleOuts: 0,
    deploymentsFailed: 0,
    silences: 0,
    blind: 0,
    blindBeforeSettled: 0,
    violations: [],
  }
  for (let month = 0; month < months; month++) {
    const seed = world.seed + month
    const load = loadOfMonth(month, world.workers, seed)
    const run = runPolicy(ours(scalingPolicy(settings)), load, { ...world, seed })
    const succeeded = run.growths.filter(({ succeeds }) => succeeds)
    const blind = succeeded.filter((growth) => growth.blind)
    result.scaleOuts += succeeded.length
    result.deploymentsFailed += run.growths.length - succeeded.length
    result.silences += run.silences.length
    result.blind += blind.length
    result.blindBeforeSettled += blind.filter(({ afterSettled }) => !afterSettled).length
    for (const violation of findViolations(run, settings.SCALE_OUT_MAX_WORKERS))
      result.violations.push({ seed, load: load.name, ...violation })
    onMonth?.(month + 1)
  }
  return result
}

function loadOfMonth(month: number, workers: number, seed: number): Load {
  const makers = loadMakers(workers, seed)
  const make = makers[month % makers.length]
  if (!make) throw new Error('there is no built-in load')
  return withOutages(make(), seed)
}

/** Adds five outages of the metrics, each up to half a day. */
function withOutages(load: Load, seed: number): Load {
  const random = randomStream(seed, 'metrics outages')
  const metricsOutages = Array.from({ length: 5 }, () => {
    const from = random.uniform() * load.minutes.length
    return [from, from + (random.uniform() * minutesADay) / 2] as const
  })
  return { ...load, metricsOutages: [...(load.metricsOutages ?? []), ...metricsOutages] }
}
