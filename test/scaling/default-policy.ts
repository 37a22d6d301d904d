import type { ScalingPolicy } from '../../src/scaling/policy.ts'

/** The contract's defaults. */
export const defaultPolicy: ScalingPolicy = {
  mode: 'on',
  targetCpuPercent: 60,
  step: 1,
  maxStep: 4,
  maxWorkers: 20,
  cooldownMinutes: 15,
}
