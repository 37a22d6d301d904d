import * as z from 'zod/mini'
import type { Disks } from '../scaling/check-disks.ts'
import { ask, statement } from './connection.ts'
import type { Database } from './database.ts'
import { singleFlight } from '../single-flight.ts'
import { parseAnswer } from './parse-answer.ts'

const readMilliseconds = 3_000

const disksSchema = z.object({
  wantedPercent: z.number(),
  disks: z.array(z.object({ node: z.string(), available: z.number(), total: z.number() })),
})

const readings = singleFlight<Database, Disks>()

/**
 * Reads how full the disk of every worker is, within 3 s; a worker that does not answer is left out. Concurrent calls share one query.
 * @throws UpstreamError citus-refused (an older schema `autoscaler`; no right), citus-unavailable
 */
export async function readDisks(database: Database): Promise<Disks> {
  const { result } = await readings(database, async () => {
    const [row] = await ask(database, 'tell how full the disks are', readMilliseconds, (sql) =>
      statement(sql, readMilliseconds, 'SELECT autoscaler.read_disks() AS disks'),
    )
    return parseAnswer(disksSchema, row?.disks, 'autoscaler.read_disks')
  })
  return result
}
