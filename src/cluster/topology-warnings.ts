import { readOnlyHint } from '../citus/hint-for.ts'
import type { Topology } from '../scaling/cluster-state.ts'

/** How long a decision waits for Citus's plan where the schema remembers none. */
export const planMilliseconds = 3_000

/** What deserves a word although it holds nothing back. */
export function topologyWarnings({ isReadOnly, history, rebalance }: Topology): string[] {
  const warnings: string[] = []
  if (isReadOnly) warnings.push(`No rebalance can start: ${readOnlyHint}.`)
  if (!history) warnings.push('The table public.worker_count is not there: run sql/01-autoscaler.sql.')
  else if (history.isStopped)
    warnings.push(
      'worker_count has stopped: nobody hears of new workers by it. See cron.job_run_details for what keeps pg_cron from writing it.',
    )
  if (rebalance?.isStuck) warnings.push(`Rebalance job ${rebalance.job} is stuck (${rebalance.cause ?? 'unknown'}).`)
  return warnings
}
