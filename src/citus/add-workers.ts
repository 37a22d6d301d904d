import type { Sql } from 'postgres'
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
  // The transaction is written out: the driver's own sends a ROLLBACK into a connection that broke, which ends the process. Without a
  // COMMIT, the end of the connection undoes it.
  const result = await askApart(url, 'add workers', addMilliseconds, async (sql) => {
    await sql`BEGIN`
    const backend = await lockedBackend(sql, workers)
    if (backend === undefined) return undefined
    const done = await addInOrder(sql, backend, inspected, count)
    await sql`COMMIT`
    return done
  })
  if (!result) return someoneElseAdds
  if (result.added.length > 0) return { kind: 'added', ...result }
  const reasons = result.skipped.map(({ server, reason }) => `${server} ${reason}`).join('; ')
  throw new UpstreamError('citus-refused', `No server of CITUS_WORKER_POOL could be added: ${reasons}.`)
}

/** The backend that holds the lock for us, unless another has it or the cluster is no more the one that the decision was made on. */
async function lockedBackend(sql: Sql, workers: number): Promise<number | undefined> {
  const [row] = await sql`
    SELECT pg_try_advisory_xact_lock(${lockKey}) AS locked, pg_backend_pid() AS backend,
           (SELECT count(*)::int FROM pg_dist_node
            WHERE noderole = 'primary' AND groupid <> 0 AND isactive AND shouldhaveshards) AS workers`
  const now = z.object({ locked: z.boolean(), backend: z.number(), workers: z.number() }).parse(row)
  return now.locked && now.workers === workers ? now.backend : undefined
}

type Inspected = { server: PoolServer; unfit: string | undefined }

async function addInOrder(sql: Sql, backend: number, inspected: readonly Inspected[], count: number) {
  const added: string[] = []
  const skipped: Skipped[] = []
  for (const { server, unfit } of inspected) {
    if (added.length === count) break
    const reason = unfit ?? (await addNode(sql, backend, server))
    if (reason === undefined) added.push(addressOf(server))
    else skipped.push({ server: addressOf(server), reason })
  }
  return { added, skipped }
}

/** Undefined when the server is a worker now, else what Citus said; the transaction goes on either way. */
async function addNode(sql: Sql, backend: number, { host, port }: PoolServer): Promise<string | undefined> {
  try {
    await sql`SAVEPOINT node`
    const added = await sql`SELECT citus_add_node(${host}, ${port}) WHERE pg_backend_pid() = ${backend}`
    if (added.length === 0) throw new Error('the connection broke and was opened again in the middle of it')
    return undefined
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal === undefined) throw error
    await sql`ROLLBACK TO SAVEPOINT node`
    return refusal
  }
}

/** What Citus says of the server; undefined when the coordinator itself is the trouble: 57P01 and its like end the connection. */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof Error && error.name === 'PostgresError' && 'code' in error)) return undefined
  const code = String(error.code)
  return code.startsWith('57P') ? undefined : `was refused with SQLSTATE ${code}: ${error.message}`
}
