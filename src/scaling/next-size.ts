import type { Sizes } from './cluster-state.ts'
import type { ScalingPolicy } from './policy.ts'

/**
 * A tenth of a worker is not worth a whole one: where the wanted size falls on a whole number, the noise of the metric would decide.
 * What it costs and brings is in src/simulation/README.md.
 */
const slack = 0.1

/**
 * How many workers to aim at: what brings the mean CPU down to the target, or one step more where no CPU is known. Always more than
 * now, at most `maxStep` more, never above the largest size: at that it returns the number as it is.
 * @param cpu the workers' mean CPU in percent, above 0 and at most 100
 */
export function nextSize(workers: number, cpu: number | undefined, policy: ScalingPolicy, sizes: Sizes): number {
  const largest = Math.min(policy.maxWorkers, sizes.largest)
  const wanted = cpu === undefined ? workers + policy.step : workersFor(workers * cpu, policy.targetCpuPercent)
  const bounded = Math.min(Math.max(wanted, workers + 1), workers + policy.maxStep)
  const possible = Math.max(bounded, sizes.smallest)
  return possible <= largest ? possible : Math.max(workers, largest >= sizes.smallest ? largest : 0)
}

/** How many workers do so much work at so much CPU each. @param work in percent of one worker */
export const workersFor = (work: number, targetCpuPercent: number): number => Math.ceil(work / targetCpuPercent - slack)
