import * as z from 'zod/mini'
import type { Database } from './connection.ts'

export type RebalanceOptions = { strategy: string; transferMode: 'auto' | 'force_logical' | 'block_writes' }

/** Citus's own words go along: they hold what it planned, or why it had nothing to. */
export type RebalanceStart = { job: number | undefined; moves: number | undefined; notices: string[] }

// A job's id is a bigint, which the driver gives as text.
const startedSchema = z.object({ job: z.nullable(z.coerce.number()) })

/** Starts Citus's background rebalance; without a job there was nothing to move. Rejects with what the driver throws. */
export async function startRebalance({ sql, notices }: Database, options: RebalanceOptions): Promise<RebalanceStart> {
  // Reserved, so that the notices that arrive meanwhile are this statement's.
  const session = await sql.reserve()
  try {
    notices.length = 0
    // Both values are plain words (see settings), and so can stand in the statement: parameters would cost a round trip of their own.
    // No casts: the enum's type is in a schema that only the user `citus` has in its search path and a right to.
    const [row] = await session.unsafe(`
      SELECT citus_rebalance_start(
        rebalance_strategy := '${options.strategy}', shard_transfer_mode := '${options.transferMode}'
      ) AS job`)
    const { job } = startedSchema.parse(row)
    const heard = [...notices]
    const moves = /Scheduled (\d+) moves/.exec(heard.join('\n'))?.[1]
    return { job: job ?? undefined, moves: moves === undefined ? undefined : Number(moves), notices: heard }
  } finally {
    session.release()
  }
}

/** How many moves a rebalance would make now; it starts nothing. The plan has a row a shard, a move takes a whole shard group. */
export async function countPlannedMoves({ sql }: Database, strategy: string): Promise<number> {
  const [row] = await sql`
    SELECT count(DISTINCT (table_.colocationid, shard.shardminvalue))::int AS moves
    FROM get_rebalance_table_shards_plan(rebalance_strategy := ${strategy}::name) AS plan
    JOIN pg_dist_shard shard USING (shardid)
    JOIN pg_dist_partition table_ USING (logicalrelid)`
  return z.object({ moves: z.number() }).parse(row).moves
}
