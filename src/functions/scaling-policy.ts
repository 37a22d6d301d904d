import type { RebalanceMode, ScalingPolicy } from '../scaling/policy.ts'
import type { Settings } from '../settings.ts'

/** The settings that the decision depends on. */
export function scalingPolicy(settings: Settings): ScalingPolicy {
  return {
    mode: settings.AUTOSCALE_MODE,
    rebalance: rebalanceMode(settings),
    targetCpuPercent: settings.SCALE_OUT_TARGET_CPU_PERCENT,
    step: settings.SCALE_OUT_STEP,
    maxStep: settings.SCALE_OUT_MAX_STEP,
    maxWorkers: settings.SCALE_OUT_MAX_WORKERS,
    cooldownMinutes: settings.SCALE_OUT_COOLDOWN_MINUTES,
  }
}

/** REBALANCE_MODE, or AUTOSCALE_MODE when that is not set. */
export const rebalanceMode = ({ REBALANCE_MODE: own, AUTOSCALE_MODE: general }: Settings): RebalanceMode =>
  own === undefined ? { mode: general, setting: 'AUTOSCALE_MODE' } : { mode: own, setting: 'REBALANCE_MODE' }
