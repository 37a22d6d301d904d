import { judgePreflight } from '../scaling/judge-preflight.ts'
import { UpstreamError } from '../upstream-error.ts'
import { ask, askApart } from './connection.ts'
import { joining } from './joining.ts'
import { readPreflight, type Preflight } from './preflight.ts'
import { countPlannedMoves, startRebalance, type RebalanceOptions, type RebalanceStart } from './start-rebalance.ts'

const readMilliseconds = 5_000
const startMilliseconds = 14_000
const rereadMilliseconds = 4_000

export type RebalanceResult = { warnings: string[] } & (
  | { kind: 'started'; job: number; moves?: number; notices: string[] }
  | { kind: 'running'; job: number }
  | { kind: 'balanced'; notices: string[] }
  | { kind: 'planned'; moves: number }
)

/**
 * Starts a rebalance unless one runs or there is nothing to move; with `dryRun` it only counts the moves.
 * @throws UpstreamError when something stands in its way, when Citus refused, or when nobody can tell whether it started
 */
export async function rebalance(
  url: string,
  options: RebalanceOptions & { dryRun: boolean },
): Promise<RebalanceResult> {
  const before = await ask(url, 'look before a rebalance', readMilliseconds, readPreflight)
  const { blocking, warnings } = judgePreflight(before, options.transferMode)
  if (before.isCoordinator && before.runningJob !== null) return { kind: 'running', job: before.runningJob, warnings }
  if (blocking.length > 0) throw new UpstreamError('citus-refused', `No rebalance was started: ${blocking.join('; ')}.`)
  if (options.dryRun) {
    const { result: moves } = await plans(url, () => countMoves(url, options))
    return moves === 0 ? { kind: 'balanced', notices: [], warnings } : { kind: 'planned', moves, warnings }
  }
  const { result: start, isOwn } = await starts(url, () => startAlone(url, options, before))
  if (start.kind === 'started' && !isOwn) return { kind: 'running', job: start.job, warnings }
  return { ...start, warnings }
}

const plans = joining<number>()
const starts = joining<Start>()

const countMoves = (url: string, { strategy }: RebalanceOptions) =>
  askApart(url, 'plan a rebalance', startMilliseconds, (sql) => countPlannedMoves(sql, strategy))

type Started = { kind: 'started'; job: number; moves?: number; notices: string[] }
type Start = Started | { kind: 'running'; job: number } | { kind: 'balanced'; notices: string[] }

async function startAlone(url: string, options: RebalanceOptions, before: Preflight): Promise<Start> {
  try {
    const started = await askApart(url, 'start a rebalance', startMilliseconds, (sql, notices) =>
      startRebalance(sql, notices, options),
    )
    return described(started)
  } catch (error) {
    return settle(url, before, error)
  }
}

function described({ job, moves, notices }: RebalanceStart): Start {
  if (job === undefined) return { kind: 'balanced', notices }
  return { kind: 'started', job, notices, ...(moves !== undefined && { moves }) }
}

/**
 * After a refusal another instance may have been faster, which Citus tells by messages only (SQLSTATE XX000, or a lock that it could
 * not get); after a broken connection our own job may run. The catalogue knows.
 */
async function settle(url: string, before: Preflight, error: unknown): Promise<Start> {
  const after = await ask(url, 'tell whether a rebalance started', rereadMilliseconds, readPreflight).catch(() => {
    throw error // the first failure says more than that the second look failed as well
  })
  if (after.runningJob === null) throw error
  if (wasUndone(error) || after.runningJob <= before.lastJob) return { kind: 'running', job: after.runningJob }
  return { kind: 'started', job: after.runningJob, notices: [] }
}

/** Whether the statement has surely come to nothing: it was refused, or cancelled, or waited in vain for a lock. */
const wasUndone = (error: unknown) =>
  error instanceof UpstreamError && (error.reason === 'citus-refused' || /^(55P03|57014)$/.test(error.code ?? ''))
