import type { ScalingPolicy } from '../../src/scaling/policy.ts'

/** The contract's defaults. */
export const defaultPolicy: ScalingPolicy = {
  mode: 'on',
  rebalance: { mode: 'on', setting: 'AUTOSCALE_MODE' },
  targetCpuPercent: 65,
  step: 1,
  maxStep: 4,
  maxWorkers: 20,
  cooldownMinutes: 15,
}
