import type postgres from 'postgres'
import * as z from 'zod/mini'
import { UpstreamError } from '../upstream-error.ts'
import { ask, askApart } from './connection.ts'
import { addressOf, inspectPoolServer, readVersions, type PoolServer } from './pool-server.ts'

const readMilliseconds = 4_000
const addMilliseconds = 10_000

// Any number will do, as long as every instance takes the same and nobody else does.
const lockKey = 0x6369_7475

export type Skipped = { server: string; reason: string }
export type AddedWorkers =
  { kind: 'added'; added: string[]; skipped: Skipped[] } | { kind: 'operation-in-progress'; message: string }

export type AddOrder = {
  url: string
  /** Servers that are no workers yet, in the order in which they are to come. */
  candidates: readonly PoolServer[]
  /** How many workers the decision was made on, and how many to add. */
  workers: number
  count: number
}

// The lock keeps other instances away; this keeps the rest of a flood in this one from looking at every server once more.
let isAdding = false

/**
 * Makes the next fit servers of the pool workers, in one transaction under an advisory lock: two instances never add twice.
 * @throws UpstreamError citus-refused when none of them could be added; citus-unavailable
 */
export async function addWorkers(order: AddOrder): Promise<AddedWorkers> {
  if (isAdding) return someoneElseAdds
  isAdding = true
  try {
    return await addNext(order)
  } finally {
    isAdding = false
  }
}

const someoneElseAdds = {
  kind: 'operation-in-progress',
  message: 'Another notification is adding workers, or has just done so.',
} as const

async function addNext({ url, candidates, workers, count }: AddOrder): Promise<AddedWorkers> {
  const wanted = await ask(url, 'tell its version', readMilliseconds, readVersions)
  const inspected = await Promise.all(
    candidates.map(async (server) => ({ server, unfit: await inspectPoolServer(server, url, wanted) })),
  )
  const result = await askApart(url, 'add workers', addMilliseconds, (sql) =>
    sql.begin(async (transaction) => {
      if (!(await isOurs(transaction, workers))) return undefined
      return addInOrder(transaction, inspected, count)
    }),
  )
  if (!result) return someoneElseAdds
  if (result.added.length > 0) return { kind: 'added', ...result }
  const reasons = result.skipped.map(({ server, reason }) => `${server} ${reason}`).join('; ')
  throw new UpstreamError('citus-refused', `No server of CITUS_WORKER_POOL could be added: ${reasons}.`)
}

/** Whether we hold the lock, and the cluster is still the one that the decision was made on. */
async function isOurs(sql: postgres.TransactionSql, workers: number): Promise<boolean> {
  const [row] = await sql`
    SELECT pg_try_advisory_xact_lock(${lockKey}) AS locked,
           (SELECT count(*)::int FROM pg_dist_node
            WHERE noderole = 'primary' AND groupid <> 0 AND isactive AND shouldhaveshards) AS workers`
  const now = z.object({ locked: z.boolean(), workers: z.number() }).parse(row)
  return now.locked && now.workers === workers
}

type Inspected = { server: PoolServer; unfit: string | undefined }

async function addInOrder(sql: postgres.TransactionSql, inspected: readonly Inspected[], count: number) {
  const added: string[] = []
  const skipped: Skipped[] = []
  for (const { server, unfit } of inspected) {
    if (added.length === count) break
    const reason = unfit ?? (await addNode(sql, server))
    if (reason === undefined) added.push(addressOf(server))
    else skipped.push({ server: addressOf(server), reason })
  }
  return { added, skipped }
}

/** Undefined when the server is a worker now, else what Citus said; the transaction goes on either way. */
async function addNode(sql: postgres.TransactionSql, { host, port }: PoolServer): Promise<string | undefined> {
  try {
    await sql.savepoint((nested) => nested`SELECT citus_add_node(${host}, ${port})`)
    return undefined
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error
    return `was refused with SQLSTATE ${error.code}: ${error.message}`
  }
}
