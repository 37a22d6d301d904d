/** The user's part of a decision. Percent, workers, minutes. */
export type ScalingPolicy = {
  mode: 'on' | 'dry-run' | 'paused'
  targetCpuPercent: number
  step: number
  maxStep: number
  maxWorkers: number
  cooldownMinutes: number
}
