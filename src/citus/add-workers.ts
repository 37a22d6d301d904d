import * as z from 'zod/mini'
import { isUpstreamError, UpstreamError } from '../upstream-error.ts'
import { citusFailure } from './citus-error.ts'
import { ask, lateMilliseconds, rowsOf, start, statement } from './connection.ts'
import { addressOf, type Database } from './database.ts'
import type { Server } from './dial.ts'
import { parseAnswer } from './parse-answer.ts'
import { inspectPoolServer, readVersions, type Versions } from './pool-server.ts'

const readMilliseconds = 4_000
const answerSeconds = 10
const longestMilliseconds = 3_600_000

export type Skipped = { server: string; reason: string }
export type AddedWorkers =
  | { kind: 'added'; added: string[]; skipped: Skipped[] }
  /** It takes longer than the request may: the statement continues in the server. */
  | { kind: 'adding' }
  | { kind: 'operation-in-progress'; message: string }

export type AddOrder = {
  database: Database
  /** Servers that are not nodes yet, in the order in which they are added. */
  candidates: readonly Server[]
  /** How many workers there were at the time of the decision, and how many to add. */
  workers: number
  count: number
}

const addedByAnother = {
  kind: 'operation-in-progress',
  message: 'Another notification is adding workers, or has just done so.',
} as const

// The lock in the database excludes other instances; this excludes other requests in this process, before they inspect every server.
let isAdding = false

/**
 * Adds the next suitable servers of the pool as workers, one statement each; a statement continues in the server even if this process
 * ends. Each checks the number of workers under a lock, so that two instances never add twice.
 * @throws UpstreamError citus-refused when none of them could be added; citus-unavailable
 */
export async function addWorkers(order: AddOrder): Promise<AddedWorkers> {
  if (isAdding) return addedByAnother
  isAdding = true
  const end = performance.now() + answerSeconds * 1000
  const adding = addNext(order, end).finally(() => (isAdding = false))
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<AddedWorkers>(
    (resolve) => (timer = setTimeout(resolve, answerSeconds * 1000, { kind: 'adding' })),
  )
  try {
    return await Promise.race([adding, timeUp])
  } finally {
    clearTimeout(timer)
    adding.catch(() => undefined) // the request is answered by then; the database keeps the error of the statement
  }
}

async function addNext({ database, candidates, workers, count }: AddOrder, end: number): Promise<AddedWorkers> {
  const { isTransactional, ...wanted } = await ask(database, 'tell its version', readMilliseconds, async (sql) => {
    const [row] = await statement(
      sql,
      readMilliseconds,
      "SELECT coalesce(current_setting('citus.metadata_sync_mode', true), '') <> 'nontransactional' AS transactional",
    )
    return { ...(await readVersions(sql)), isTransactional: row?.transactional === true }
  })
  const inspected = await inspectAll(candidates, database, wanted)
  const added: string[] = []
  const skipped: Skipped[] = []
  for (const { server, unfit } of inspected) {
    if (added.length === count) break
    const outcome = unfit ?? (await addNode(database, server, workers + added.length, isTransactional, end))
    if (outcome === 'busy') break
    if (outcome === 'added') added.push(addressOf(server))
    else skipped.push({ server: addressOf(server), reason: outcome })
  }
  if (added.length > 0) return { kind: 'added', added, skipped }
  if (skipped.length < inspected.length) return addedByAnother
  const reasons = skipped.map(({ server, reason }) => `${server} ${reason}`).join('; ')
  throw new UpstreamError('citus-refused', `No server of CITUS_WORKER_POOL could be added: ${reasons}.`)
}

const inspectAll = (candidates: readonly Server[], database: Database, wanted: Versions) =>
  Promise.all(candidates.map(async (server) => ({ server, unfit: await inspectPoolServer(server, database, wanted) })))

const outcomeSchema = z.object({
  kind: z.enum(['added', 'busy', 'failed']),
  code: z.optional(z.string()),
  message: z.optional(z.string()),
})

/** The time that the statement has before the server must keep its error (see `lateMilliseconds`). Computed when it is sent. */
const remainingWait = (end: number): number => Math.max(0, Math.round(end - performance.now() - lateMilliseconds))

/** Returns `added`, `busy`, or why Citus refused the server. */
async function addNode(
  database: Database,
  { host, port }: Server,
  workers: number,
  isTransactional: boolean,
  end: number,
): Promise<string> {
  try {
    const rows = await start(database, `add worker ${host}:${port}`, longestMilliseconds, (sql) =>
      isTransactional
        ? statement(
            sql,
            longestMilliseconds,
            `SELECT autoscaler.add_worker('${host}', ${port}, ${workers}, interval '${remainingWait(end)} milliseconds') AS outcome`,
          )
        : sql.unsafe(bareStatement(host, port, workers)).then(rowsOf),
    )
    const outcome = rows?.[0]?.outcome ?? 'busy'
    if (outcome === 'busy') return outcome
    const { kind, code, message } = parseAnswer(outcomeSchema, outcome, 'autoscaler.add_worker')
    if (kind === 'failed') throw citusFailure('add a worker', Object.assign(new Error(message), { code }))
    return kind
  } catch (error) {
    if (!isTransactional && performance.now() > end) await keepFailure(database, `${host}:${port}: ${messageOf(error)}`)
    if (!isUpstreamError(error) || isOfCoordinator(error)) throw error
    return `was refused: ${error.message}`
  }
}

/** Keeps the error for later requests. `autoscaler.add_worker` does that itself; the bare statement can't. */
async function keepFailure(database: Database, error: string): Promise<void> {
  await ask(
    database,
    'record the failure of adding a worker',
    readMilliseconds,
    (sql) => sql`SELECT autoscaler.remember_start('add-worker', now(), NULL, ${error})`,
  )
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Whether the coordinator failed and not the server to be added: Citus reports 08006 for a server that does not answer. */
const isOfCoordinator = ({ reason, code = '' }: UpstreamError) =>
  code === '42501' || !/\d/.test(code) || (reason === 'citus-unavailable' && !code.startsWith('08'))

// With citus.metadata_sync_mode = nontransactional, `citus_add_node` can't run in a transaction or a function ("do not add node in
// transaction block"), so the caller must be a superuser. The same statement takes the lock and checks the number of workers.
const bareStatement = (host: string, port: number, workers: number) => `
  SELECT CASE WHEN pg_try_advisory_lock(autoscaler.lock_key('add-worker')) AND autoscaler.count_workers() = ${workers}
    THEN json_build_object('kind', 'added', 'node', citus_add_node('${host}', ${port})) END AS outcome`
