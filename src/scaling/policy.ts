export type Mode = 'on' | 'dry-run' | 'paused'

/** The user's part of a decision. Percent, workers, minutes. */
export type ScalingPolicy = {
  mode: Mode
  rebalance: RebalanceMode
  targetCpuPercent: number
  step: number
  maxStep: number
  maxWorkers: number
  cooldownMinutes: number
}

/** What a rebalance may do, and the setting that says so. */
export type RebalanceMode = { mode: Mode; setting: 'REBALANCE_MODE' | 'AUTOSCALE_MODE' }
