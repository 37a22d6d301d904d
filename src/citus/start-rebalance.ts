import * as z from 'zod/mini'
import type { TransferMode } from '../scaling/check-preflight.ts'
import type { UpstreamError } from '../upstream-error.ts'
import { isUpstreamError } from '../upstream-error.ts'
import { citusFailure } from './citus-error.ts'
import { start, statement } from './connection.ts'
import type { Database } from './database.ts'
import { singleFlight } from '../single-flight.ts'
import { parseAnswer } from './parse-answer.ts'
import { readTopology } from './read-topology.ts'

const answerSeconds = 10
const longestMilliseconds = 3_600_000
const tried = 'start a rebalance'

export type RebalanceOptions = { strategy: string; transferMode: TransferMode }

export type RebalanceStart =
  | { kind: 'started'; job: number; moves?: number }
  /** The server is planning it; it has no job yet. */
  | { kind: 'starting' }
  | { kind: 'running'; job: number | undefined }
  | { kind: 'balanced' }

const startSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started'), job: z.number(), moves: z.number() }),
  z.object({ kind: z.literal('balanced') }),
  z.object({ kind: z.literal('running'), job: z.number() }),
  z.object({ kind: z.literal('starting') }),
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
])

const starts = singleFlight<Database, RebalanceStart>()

/**
 * Starts Citus's background rebalance; concurrent calls start it once. Citus may take minutes to plan it: then the result is `starting`,
 * and the work continues in the server.
 * @param lastJob the newest job before: after a broken connection, a higher one is ours
 * @throws UpstreamError when Citus refused, or when it is unclear whether the rebalance started
 */
export async function startRebalance(
  database: Database,
  options: RebalanceOptions,
  lastJob: number,
): Promise<RebalanceStart> {
  const { result, isOwn } = await starts(database, () => startAlone(database, options, lastJob))
  if (isOwn || (result.kind !== 'started' && result.kind !== 'starting')) return result
  return { kind: 'running', job: result.kind === 'started' ? result.job : undefined }
}

async function startAlone(
  database: Database,
  { strategy, transferMode }: RebalanceOptions,
  lastJob: number,
): Promise<RebalanceStart> {
  const call = (remainingWait: number) =>
    `SELECT autoscaler.start_rebalance('${strategy}', '${transferMode}', interval '${remainingWait} milliseconds') AS start`
  try {
    const rows = await start(database, tried, answerSeconds * 1000, (sql, remainingWait) =>
      statement(sql, longestMilliseconds, call(remainingWait)),
    )
    if (!rows) return { kind: 'starting' }
    const started = parseAnswer(startSchema, rows[0]?.start, 'autoscaler.start_rebalance')
    if (started.kind === 'failed')
      throw citusFailure(tried, Object.assign(new Error(started.message), { code: started.code }))
    return started.kind === 'starting' ? { kind: 'running', job: undefined } : started
  } catch (error) {
    if (!isUpstreamError(error) || error.reason === 'citus-refused') throw error
    return checkOutcome(database, strategy, lastJob, error)
  }
}

/** After a broken connection, Citus's catalogue shows whether our job runs or is being planned. */
async function checkOutcome(
  database: Database,
  strategy: string,
  lastJob: number,
  error: UpstreamError,
): Promise<RebalanceStart> {
  const { plan, rebalance } = await readTopology(database, strategy).catch(() => {
    throw error // the first error says more than that of this second query
  })
  if (plan.reason === 'starting') return { kind: 'starting' }
  if (!rebalance?.isUnfinished) throw error
  return rebalance.job > lastJob ? { kind: 'started', job: rebalance.job } : { kind: 'running', job: rebalance.job }
}
