import { readOnlyHint } from '../citus/hint-for.ts'
import type { Topology } from '../scaling/cluster-state.ts'

/** How long a decision waits for Citus's plan when the schema has none. */
export const planMilliseconds = 3_000

/** Warnings that hold back no scale-out. */
export function topologyWarnings({ isReadOnly, history, rebalance }: Topology): string[] {
  const warnings: string[] = []
  if (isReadOnly) warnings.push(`No rebalance can start: ${readOnlyHint}.`)
  if (!history) warnings.push('The table public.worker_count does not exist: run sql/01-autoscaler.sql.')
  else if (history.isStopped)
    warnings.push(
      'worker_count has stopped, so no rebalance is triggered when workers come. See cron.job_run_details for why pg_cron does not write it.',
    )
  if (rebalance?.isStuck) warnings.push(`Rebalance job ${rebalance.job} is stuck (${rebalance.cause ?? 'unknown'}).`)
  return warnings
}
