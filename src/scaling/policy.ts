export type Mode = 'on' | 'dry-run' | 'paused'

/** The user's settings for a decision, in percent, workers and minutes. */
export type ScalingPolicy = {
  mode: Mode
  rebalance: RebalanceMode
  targetCpuPercent: number
  step: number
  maxStep: number
  maxWorkers: number
  cooldownMinutes: number
}

/** The mode for rebalances, and the name of the setting that it comes from. */
export type RebalanceMode = { mode: Mode; setting: 'REBALANCE_MODE' | 'AUTOSCALE_MODE' }
