import { rebalance as rebalanceShards } from '../citus/rebalance.ts'
import { pausedHold } from '../scaling/decide.ts'
import { onNotification } from './on-notification.ts'

/** Starts Citus's background rebalance and answers with its job. */
export const rebalance = onNotification(async (_firing, settings) => {
  if (settings.AUTOSCALE_MODE === 'paused') return pausedHold
  const result = await rebalanceShards(settings.PG_CONNECTION_URL, {
    strategy: settings.REBALANCE_STRATEGY,
    transferMode: settings.REBALANCE_SHARD_TRANSFER_MODE,
    dryRun: settings.AUTOSCALE_MODE === 'dry-run',
  })
  const { kind, ...details } = result
  switch (kind) {
    case 'started':
      return { reason: 'rebalancing', message: `Rebalance job ${result.job} is scheduled.`, ...details }
    case 'running':
      return { reason: 'rebalance-running', message: `Rebalance job ${result.job} runs already.`, ...details }
    case 'balanced':
      return { reason: 'balanced', message: 'There is nothing to move: the shards are balanced.', ...details }
    case 'planned':
      return { reason: 'dry-run', message: `Dry run: ${result.moves} shard groups would move.`, ...details }
  }
})
