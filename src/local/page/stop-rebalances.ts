import type { Sql } from 'postgres'
import type { LoopEvent } from '../loop-event.ts'

/** Plays a person who stops every rebalance once shards move, and who starts a rebalance when this is switched off. */
export function stopRebalances(sql: Sql) {
  let isOn = false
  let hasStopped = false

  return {
    async switch(on: boolean): Promise<string> {
      isOn = on
      if (on) return 'A person stops the rebalance as soon as shards move.'
      if (!hasStopped) return 'Rebalances are no longer stopped.'
      hasStopped = false
      const [row] = await sql<{ job: string | null }[]>`
        SELECT citus_rebalance_start() AS job WHERE NOT EXISTS (SELECT FROM autoscaler.rebalance WHERE unfinished)`
      return row?.job ? `A person has started rebalance job ${row.job}.` : 'There is nothing to rebalance.'
    },
    async hear(event: LoopEvent): Promise<string | undefined> {
      if (!isOn || event.kind !== 'workers' || event.moves.length === 0) return undefined
      // Only an unfinished one: an earlier call may have stopped it already.
      const stopped = await sql`SELECT citus_rebalance_stop() FROM autoscaler.rebalance WHERE unfinished`
      if (stopped.count === 0) return undefined
      hasStopped = true
      return 'A person has stopped the rebalance: SELECT citus_rebalance_stop().'
    },
  }
}
