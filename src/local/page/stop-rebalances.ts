import type { Sql } from 'postgres'
import type { LoopEvent } from '../loop-event.ts'

/** A person who stops the rebalance that runs or the next one, and starts it again. */
export function stopRebalances(sql: Sql) {
  let isWaiting = false
  let hasStopped = false

  async function stop(): Promise<string> {
    isWaiting = false
    hasStopped = true
    await sql`SELECT citus_rebalance_stop()`
    return 'A person has stopped the rebalance.'
  }

  return {
    async act(on: boolean): Promise<string> {
      if (on) {
        if (await isUnfinished(sql)) return stop()
        isWaiting = true
        return 'A person will stop the next rebalance.'
      }
      isWaiting = false
      if (!hasStopped || (await isUnfinished(sql))) return 'Nobody stops the next rebalance.'
      hasStopped = false
      const [row] = await sql<{ job: string | null }[]>`SELECT citus_rebalance_start() AS job`
      return row?.job ? `A person has started rebalance job ${row.job}.` : 'There is nothing to move.'
    },
    /** Stops what it waits for, once that has begun to move. */
    async hear(event: LoopEvent): Promise<string | undefined> {
      return isWaiting && event.kind === 'workers' && event.moves.length > 0 ? stop() : undefined
    },
  }
}

async function isUnfinished(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ unfinished: boolean }[]>`SELECT unfinished FROM autoscaler.rebalance`
  return row?.unfinished === true
}
