/** The reasons to hold a scale-out, in order: the first that applies is the reason of the answer. */
export const guardOrder = [
  'paused',
  'cluster-not-ready',
  'operation-in-progress',
  'backing-off',
  'cooling-down',
  'coordinator-silent',
  'rebalance-cancelled',
  'rebalance-pending',
  'at-maximum',
  'too-few-shards',
  'dry-run',
]
