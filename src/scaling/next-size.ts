import type { Sizes } from './cluster-state.ts'
import type { ScalingPolicy } from './policy.ts'

/**
 * A tenth of a worker more is not worth a whole one: near a whole number, noise in the metric would decide otherwise.
 * src/simulation/README.md has its effect on cost and load.
 */
const slack = 0.1

/**
 * The number of workers to aim at: enough to bring the mean CPU down to the target, or `step` more when no CPU value is known. At least
 * one more than now and at most `maxStep` more. At the largest size it returns the present number.
 * @param cpu the workers' mean CPU in percent, above 0 and at most 100
 */
export function nextSize(workers: number, cpu: number | undefined, policy: ScalingPolicy, sizes: Sizes): number {
  const largest = Math.min(policy.maxWorkers, sizes.largest)
  const wanted = cpu === undefined ? workers + policy.step : workersFor(workers * cpu, policy.targetCpuPercent)
  const bounded = Math.min(Math.max(wanted, workers + 1), workers + policy.maxStep)
  const possible = Math.max(bounded, sizes.smallest)
  return possible <= largest ? possible : Math.max(workers, largest >= sizes.smallest ? largest : 0)
}

/** The number of workers that do this work at the target CPU. @param work in percent of one worker */
export const workersFor = (work: number, targetCpuPercent: number): number => Math.ceil(work / targetCpuPercent - slack)
