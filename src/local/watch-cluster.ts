import { setInterval } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { cpuOf, createCpuHistory } from './cpu.ts'
import { clusterName, type DemoCluster } from './demo-cluster.ts'
import type { BusyWorker, LoopEvent } from './loop-event.ts'

type WatchOptions = { load: number; speed: number; onEvent: (event: LoopEvent) => void }

export type ClusterWatch = ReturnType<typeof watchCluster>

/** Reads where the shards are, several times a minute of the cluster's time, and from it the CPU that the load makes. */
export function watchCluster({ database, metricHasCoordinator }: DemoCluster, { load, speed, onEvent }: WatchOptions) {
  const history = createCpuHistory((15 * 60) / speed)
  const stopping = new AbortController()
  let workers: readonly BusyWorker[] = []
  let isSettled = false

  const running = (async () => {
    const every = (15 * 1000) / speed
    for await (const _ of setInterval(every, undefined, { signal: stopping.signal })) {
      const [nodes, settled] = await Promise.all([readWorkers(database.sql), readSettled(database.sql)])
      isSettled = settled
      const percents = cpuOf(nodes, load)
      workers = nodes.map((worker, index) => ({ ...worker, percent: percents[index] ?? 0 }))
      const time = new Date()
      history.add(...workers.map(({ node, percent }) => ({ time, server: node, percent })))
      if (metricHasCoordinator) history.add({ time, server: `${clusterName}-c`, percent: 10 })
      onEvent({ kind: 'workers', workers })
    }
  })().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error
  })

  return {
    workers: () => workers,
    isSpread: () => isSettled && workers.every(({ shardGroups }) => shardGroups > 0),
    readings: history.between,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

const readWorkers = (sql: Sql) => sql<{ node: string; shardGroups: number }[]>`
  SELECT node, shard_groups::int AS "shardGroups" FROM autoscaler.workers WHERE is_worker ORDER BY node_id`

async function readSettled(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ settled: boolean }[]>`SELECT settled FROM autoscaler.settled`
  return row?.settled === true
}
