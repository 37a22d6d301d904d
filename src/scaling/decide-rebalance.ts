import { backoffEnd } from './backoff.ts'
import type { Topology } from './cluster-state.ts'
import { checkSettled } from './check-settled.ts'
import { pausedHold } from './paused-hold.ts'
import type { RebalanceMode } from './policy.ts'
import type { ReasonOf } from './reasons.ts'

export type RebalanceDecision =
  | { kind: 'hold'; reason: ReasonOf<'held'>; message: string; job?: number; until?: Date }
  | { kind: 'start' }
  /** Only ask Citus for its plan. */
  | { kind: 'dry-run' }

type Input = { topology: Topology; mode: RebalanceMode; now: Date }

/** Whether a rebalance starts now. The first reason to hold is the answer, as in `decide`. Pure. */
export function decideRebalance({ topology, mode, now }: Input): RebalanceDecision {
  if (mode.mode === 'paused') return { kind: 'hold', ...pausedHold(mode.setting) }
  const settled = checkSettled(topology, now)
  if (settled.kind === 'under-way') {
    const { job } = settled
    const what = job === undefined ? 'A rebalance is already being planned' : `Rebalance job ${job} is already running`
    return {
      kind: 'hold',
      reason: 'rebalance-running',
      message: `${what}.${stuckDetail(topology)}`,
      ...(job !== undefined && { job }),
    }
  }
  if (settled.kind === 'cancelled')
    return { kind: 'hold', reason: 'rebalance-cancelled', message: settled.message, until: settled.until }
  const failure = lastFailure(topology)
  const until = failure && backoffEnd(failure)
  if (failure && until && now < until) {
    const message = `The last rebalance failed (attempt ${failure.attempt} in a row): ${failure.error}`
    return { kind: 'hold', reason: 'backing-off', message, until }
  }
  return mode.mode === 'dry-run' ? { kind: 'dry-run' } : { kind: 'start' }
}

/** The newest rebalance if it failed, or a start that failed after the request had been answered. */
function lastFailure({ rebalance, failedRebalanceStart: start }: Topology) {
  if (start && !(rebalance?.startedAt && rebalance.startedAt > start.endedAt))
    return { endedAt: start.endedAt, attempt: start.failures, error: start.error }
  if (rebalance?.state !== 'failed' || !rebalance.finishedAt) return undefined
  const error = rebalance.error ?? `job ${rebalance.job} has no error message`
  return { endedAt: rebalance.finishedAt, attempt: rebalance.failuresInARow, error }
}

function stuckDetail({ rebalance }: Topology): string {
  if (!rebalance?.isStuck) return ''
  const { cause = 'unknown', error, waitingFor, nextTryAt } = rebalance
  const next = nextTryAt ? `; next try at ${nextTryAt.toISOString()}` : ''
  return ` It is stuck (${cause})${error || waitingFor ? `: ${[error, waitingFor].filter(Boolean).join('; ')}` : ''}${next}.`
}
