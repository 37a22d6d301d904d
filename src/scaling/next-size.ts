import type { Sizes } from './cluster-state.ts'
import type { ScalingPolicy } from './policy.ts'

/** A tenth of a worker is not worth a whole one (measured by `npm run simulate`; contract). */
const worthless = 0.1

/**
 * How many workers to aim at: what brings the mean CPU down to the target, or one step more where no CPU is known. Always more than
 * now, at most `maxStep` more, never above the largest size: at that it returns the number as it is.
 * @param cpu the workers' mean CPU in percent, above 0 and at most 100
 */
export function nextSize(workers: number, cpu: number | undefined, policy: ScalingPolicy, sizes: Sizes): number {
  const largest = Math.min(policy.maxWorkers, sizes.largest)
  const wanted =
    cpu === undefined ? workers + policy.step : Math.ceil((workers * cpu) / policy.targetCpuPercent - worthless)
  const bounded = Math.min(Math.max(wanted, workers + 1), workers + policy.maxStep)
  const possible = Math.max(bounded, sizes.smallest)
  return possible <= largest ? possible : Math.max(workers, largest >= sizes.smallest ? largest : 0)
}
