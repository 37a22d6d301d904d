import * as z from 'zod/mini'
import type { RecordedHistory } from '../scaling/merge-history.ts'
import { ask, statement } from './connection.ts'
import type { Database } from './database.ts'
import { parseAnswer } from './parse-answer.ts'

const readMilliseconds = 4_000
const most = 20

const time = z.pipe(
  z.nullish(z.string()),
  z.transform((text) => (text == null ? undefined : new Date(text))),
)

const historySchema = z.object({
  growths: z.array(z.object({ changed_at: z.coerce.date(), before: z.number(), workers: z.number() })),
  rebalances: z.array(
    z.object({
      job: z.number(),
      state: z.string(),
      startedAt: time,
      finishedAt: time,
      moves: z.number(),
      error: z.nullish(z.string()),
    }),
  ),
})

/** Reads the last growths and rebalances from `worker_count` and Citus's catalogue. @throws UpstreamError citus-refused, citus-unavailable */
export async function readHistory(database: Database): Promise<RecordedHistory> {
  const [row] = await ask(database, 'tell its history', readMilliseconds, (sql) =>
    statement(sql, readMilliseconds, `SELECT autoscaler.recent_history(${most}) AS history`),
  )
  const { growths, rebalances } = parseAnswer(historySchema, row?.history, 'autoscaler.recent_history')
  return {
    growths: growths.map(({ changed_at: at, before, workers }) => ({ at, from: before, to: workers })),
    rebalances: rebalances.map(({ error, ...rebalance }) => ({ ...rebalance, error: error ?? undefined })),
  }
}
