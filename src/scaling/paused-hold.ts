/** The answer while a setting pauses the autoscaler or its rebalances; the cluster is not read for it. */
export const pausedHold = (setting: 'AUTOSCALE_MODE' | 'REBALANCE_MODE') =>
  ({ reason: 'paused', message: `${setting} is paused: nothing is done until it is on.` }) as const
