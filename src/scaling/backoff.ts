const minute = 60_000
const firstWait = 5 * minute
const longestWait = 30 * minute
const memory = 3 * 60 * minute

/** A failed scale-out; `attempt` counts the failures in a row, from 1. */
export type Failure = { endedAt: Date; attempt: number }

/**
 * When the wait after a failure ends: 5 minutes, doubled with each failure in a row, 30 at most (like the node group backoff of
 * Kubernetes' cluster-autoscaler).
 */
export function backoffEnd({ endedAt, attempt }: Failure): Date {
  const doublings = Math.max(0, attempt - 1)
  return new Date(endedAt.getTime() + Math.min(firstWait * 2 ** doublings, longestWait))
}

/** The number of the next attempt in a row: a failure older than three hours no longer counts. */
export function nextAttempt(lastFailure: Failure | undefined, now: Date): number {
  if (!lastFailure || now.getTime() - lastFailure.endedAt.getTime() >= memory) return 1
  return lastFailure.attempt + 1
}
