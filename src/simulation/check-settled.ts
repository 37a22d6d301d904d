import { scalingPolicy } from '../functions/scaling-policy.ts'
import { builtInLoads } from './built-in-loads.ts'
import { minutesADay, type Load } from './load.ts'
import { ours } from './policies.ts'
import { randomStream } from './random-stream.ts'
import { runPolicy, type World } from './run-policy.ts'
import type { Growth } from './simulated-cluster.ts'

export type SettledCheck = {
  months: number
  scaleOuts: number
  deploymentsFailed: number
  /** Growths that began before the one before them had come to its end, with the month to run again. */
  violations: { seed: number; load: string; growth: Growth }[]
}

/**
 * Whether our policy ever begins a growth before the last has settled, over months with the seeds from `world.seed` on, one load each in
 * turn: under lost, late and doubled notifications, deployments that fail, and metrics that stop.
 */
export function checkSettled(months: number, world: World, onMonth?: (done: number) => void): SettledCheck {
  const result: SettledCheck = { months, scaleOuts: 0, deploymentsFailed: 0, violations: [] }
  for (let month = 0; month < months; month++) {
    const seed = world.seed + month
    const load = loadOfMonth(month, world.workers, seed)
    const { growths } = runPolicy(ours(scalingPolicy(world.settings)), load, { ...world, seed })
    result.scaleOuts += growths.filter(({ succeeds }) => succeeds).length
    result.deploymentsFailed += growths.filter(({ succeeds }) => !succeeds).length
    for (const growth of growths.filter(({ afterSettled }) => !afterSettled))
      result.violations.push({ seed, load: load.name, growth })
    onMonth?.(month + 1)
  }
  return result
}

function loadOfMonth(month: number, workers: number, seed: number): Load {
  const loads = builtInLoads(workers, seed)
  const load = loads[month % loads.length]
  if (!load) throw new Error('there is no built-in load')
  return withOutages(load, seed)
}

/** Five times in the month no metrics for up to half a day. */
function withOutages(load: Load, seed: number): Load {
  const random = randomStream(seed, 'metrics outages')
  const metricsOutages = Array.from({ length: 5 }, () => {
    const from = random.uniform() * load.minutes.length
    return [from, from + (random.uniform() * minutesADay) / 2] as const
  })
  return { ...load, metricsOutages: [...(load.metricsOutages ?? []), ...metricsOutages] }
}
