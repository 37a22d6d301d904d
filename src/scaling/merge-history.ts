import type { LastScaleOut } from './cluster-state.ts'

/** What the database recorded: when the number of workers rose, and the rebalances. */
export type RecordedHistory = {
  growths: readonly { at: Date; from: number; to: number }[]
  rebalances: readonly {
    job: number
    state: string
    startedAt: Date | undefined
    finishedAt: Date | undefined
    moves: number
    error: string | undefined
  }[]
}

/** One growth or rebalance; each field only where it is known. */
export type HistoryEntry = {
  kind: 'scale-out' | 'rebalance'
  startedAt?: Date
  endedAt?: Date
  from?: number
  to?: number
  moves?: number
  seconds?: { provision?: number; move?: number }
  askedBy?: string
  ended: 'succeeded' | 'failed' | 'cancelled' | 'running'
  error?: string
}

const longest = 20
/** A rise of `worker_count` belongs to ARM's last deployment if it came while that ran, or within this time after its end. */
const graceMilliseconds = 10 * 60_000

/** The last growths and rebalances, newest first: those of the database, and the last deployment that ARM remembers. */
export function mergeHistory({ growths, rebalances }: RecordedHistory, last: LastScaleOut, now: Date): HistoryEntry[] {
  const rises = growths.map(({ at, from, to }): HistoryEntry => ({
    kind: 'scale-out',
    endedAt: at,
    from,
    to,
    ended: 'succeeded',
  }))
  const deployment = last.kind === 'none' ? undefined : deploymentEntry(last)
  const [ofDeployment, others] = split(
    rises,
    ({ endedAt }) => deployment !== undefined && belongsTo(endedAt ?? now, deployment, now),
  )
  // Where the deployment has no `from` and `to`, they are taken from the rise that belongs to it.
  const entries = [
    ...(deployment ? [{ ...ofDeployment[0], ...deployment }] : []),
    ...others,
    ...rebalances.map(rebalanceEntry),
  ].sort((a, b) => timeOf(b, now) - timeOf(a, now))
  return entries.map((entry, index) => withMove(entry, entries.slice(0, index))).slice(0, longest)
}

/** Adds to a scale-out how long the shards took to spread: until the end of the first successful rebalance after it. */
function withMove(entry: HistoryEntry, later: readonly HistoryEntry[]): HistoryEntry {
  const { kind, ended, endedAt } = entry
  if (kind !== 'scale-out' || ended !== 'succeeded' || !endedAt) return entry
  const nextGrowth = later.findLastIndex((one) => one.kind === 'scale-out')
  const ends = later
    .slice(nextGrowth + 1)
    .flatMap((one) => (one.ended === 'succeeded' && one.endedAt ? one.endedAt : []))
  // Workers may come, and be rebalanced, before their deployment has ended.
  const spreadAt = ends.findLast((end) => end >= endedAt) ?? ends[0]
  if (!spreadAt) return entry
  return { ...entry, seconds: { ...entry.seconds, move: Math.max(0, secondsBetween(endedAt, spreadAt)) } }
}

function split<T>(all: readonly T[], holds: (one: T) => boolean): [T[], T[]] {
  return [all.filter(holds), all.filter((one) => !holds(one))]
}

function deploymentEntry(last: Exclude<LastScaleOut, { kind: 'none' }>): HistoryEntry {
  const { from, to, reason, startedAt } = last
  const endedAt = last.kind === 'running' ? undefined : last.endedAt
  return {
    kind: 'scale-out',
    ...(startedAt && { startedAt }),
    ...(endedAt && { endedAt }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(startedAt && endedAt && { seconds: { provision: secondsBetween(startedAt, endedAt) } }),
    ...(reason && { askedBy: reason }),
    ended: last.kind,
    ...(last.kind === 'failed' && { error: last.error }),
  }
}

const rebalanceStates: Readonly<Record<string, HistoryEntry['ended']>> = {
  finished: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
}

function rebalanceEntry({
  state,
  startedAt,
  finishedAt,
  moves,
  error,
}: RecordedHistory['rebalances'][number]): HistoryEntry {
  return {
    kind: 'rebalance',
    ...(startedAt && { startedAt }),
    ...(finishedAt && { endedAt: finishedAt }),
    moves,
    ...(startedAt && finishedAt && { seconds: { move: secondsBetween(startedAt, finishedAt) } }),
    ended: rebalanceStates[state] ?? 'running',
    ...(error && { error }),
  }
}

function belongsTo(at: Date, { startedAt, endedAt }: HistoryEntry, now: Date): boolean {
  const end = endedAt ?? now
  const start = startedAt ?? new Date(end.getTime() - graceMilliseconds)
  return at >= start && at.getTime() <= end.getTime() + graceMilliseconds
}

const secondsBetween = (start: Date, end: Date) => Math.round((end.getTime() - start.getTime()) / 1000)

const timeOf = ({ startedAt, endedAt }: HistoryEntry, now: Date) => (startedAt ?? endedAt ?? now).getTime()
