const minute = 60_000
const firstWait = 5 * minute
const longestWait = 30 * minute
const memory = 3 * 60 * minute

/** A scale-out that failed: when, and the how manieth it was in a row. */
export type Failure = { endedAt: Date; attempt: number }

/**
 * Until when a failed scale-out holds the next: 5 minutes, doubled with each failure in a row, 30 at most (after cluster-autoscaler's
 * backoff for node groups).
 */
export function backoffEnd({ endedAt, attempt }: Failure): Date {
  const doublings = Math.max(0, attempt - 1)
  return new Date(endedAt.getTime() + Math.min(firstWait * 2 ** doublings, longestWait))
}

/** The number of the next try in a row: failures older than three hours are forgotten. */
export function nextAttempt(lastFailure: Failure | undefined, now: Date): number {
  if (!lastFailure || now.getTime() - lastFailure.endedAt.getTime() >= memory) return 1
  return lastFailure.attempt + 1
}
