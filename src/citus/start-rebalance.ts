import type { Sql } from 'postgres'
import * as z from 'zod/mini'

export type RebalanceOptions = { strategy: string; transferMode: 'auto' | 'force_logical' | 'block_writes' }

/** Citus's own words go along: they hold what it planned, or why it had nothing to. */
export type RebalanceStart = { job: number | undefined; moves: number | undefined; notices: string[] }

// A job's id is a bigint, which the driver gives as text.
const startedSchema = z.object({ job: z.nullable(z.coerce.number()) })

// Any number will do, as long as every instance takes the same and nobody else does.
const lockKey = 0x6369_7476

/**
 * Starts Citus's background rebalance; without a job there was nothing to move. Rejects with what the driver throws. Under a lock of our
 * own: a second start would else meet the locks of the first before that has a job to tell of.
 * @param notices what the server says on this connection, as it arrives
 */
export async function startRebalance(
  sql: Sql,
  notices: readonly string[],
  options: RebalanceOptions,
): Promise<RebalanceStart> {
  // Both values are plain words (see settings), and so can stand in the statement: parameters would cost a round trip of their own.
  // No casts: the enum's type is in a schema that only the user `citus` has in its search path and a right to.
  const [row] = await sql.unsafe(`
    SELECT citus_rebalance_start(
      rebalance_strategy := '${options.strategy}', shard_transfer_mode := '${options.transferMode}'
    ) AS job FROM pg_advisory_xact_lock(${lockKey})`)
  const { job } = startedSchema.parse(row)
  const moves = /Scheduled (\d+) moves/.exec(notices.join('\n'))?.[1]
  return { job: job ?? undefined, moves: moves === undefined ? undefined : Number(moves), notices: [...notices] }
}

/** How many moves a rebalance would make now; it starts nothing. The plan has a row a shard, a move takes a whole shard group. */
export async function countPlannedMoves(sql: Sql, strategy: string): Promise<number> {
  const [row] = await sql`
    SELECT count(DISTINCT (table_.colocationid, shard.shardminvalue))::int AS moves
    FROM get_rebalance_table_shards_plan(rebalance_strategy := ${strategy}::name) AS plan
    JOIN pg_dist_shard shard USING (shardid)
    JOIN pg_dist_partition table_ USING (logicalrelid)`
  return z.object({ moves: z.number() }).parse(row).moves
}
