import { setInterval } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { cpuOf, createCpuHistory, type Worker } from './cpu.ts'
import { clusterName, type DemoCluster } from './demo-cluster.ts'
import type { FastTime } from './fast-time.ts'
import type { BusyWorker, LoopEvent, Move } from './loop-event.ts'

type WatchOptions = { load: number; time: FastTime; onEvent: (event: LoopEvent) => void }

/** The load of the workers; it may be changed at any time. */
export type Load = {
  /** In percent of one worker. */
  percent: number
  /** Whether one tenant has a quarter of it. */
  hasHotTenant: boolean
  /** Whether the CPU is measured. */
  isMeasured: boolean
}

export type ClusterWatch = ReturnType<typeof watchCluster>

/** Reads where the shards are, several times per minute of the loop's clock, and computes the CPU of each worker from the load. */
export function watchCluster({ database, metricHasCoordinator }: DemoCluster, options: WatchOptions) {
  const { time, onEvent } = options
  const load: Load = { percent: options.load, hasHotTenant: false, isMeasured: true }
  const history = createCpuHistory(15 * 60, time.now)
  const stopping = new AbortController()
  let workers: readonly BusyWorker[] = []
  let isSettled = false

  const running = (async () => {
    const every = (15 * 1000) / time.speed
    for await (const _ of setInterval(every, undefined, { signal: stopping.signal })) {
      const seen = await readShards(database.sql)
      isSettled = seen.settled
      const hotGroup = load.hasHotTenant ? firstGroup(seen.workers) : undefined
      const percents = cpuOf(
        seen.workers,
        load.percent,
        hotGroup === undefined ? undefined : { group: hotGroup, share: 0.25 },
      )
      workers = seen.workers.map((worker, index) => ({ ...worker, percent: percents[index] ?? 0 }))
      if (load.isMeasured) measure()
      onEvent({ kind: 'workers', workers, moves: seen.moves, settled: isSettled, isMeasured: load.isMeasured })
    }
  })().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error
  })

  function measure() {
    const at = time.date()
    // The names that Azure Cosmos DB for PostgreSQL gives its servers: the rules filter by them.
    const nameOf = (node: string, index: number) => (metricHasCoordinator ? `${clusterName}-w${index}` : node)
    history.add(...workers.map(({ node, percent }, index) => ({ time: at, server: nameOf(node, index), percent })))
    if (metricHasCoordinator) history.add({ time: at, server: `${clusterName}-c`, percent: 10 })
  }

  return {
    load,
    workers: () => workers,
    isSpread: () => isSettled && workers.every(({ groups }) => groups.length > 0),
    readings: history.between,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

const firstGroup = (workers: readonly Worker[]) => workers.flatMap(({ groups }) => groups).sort()[0]

type Shards = { workers: Worker[]; moves: Move[]; settled: boolean }

/** In one statement, so that a moving shard group is still counted at its source. */
async function readShards(sql: Sql): Promise<Shards> {
  const [row] = await sql<[Shards]>`
    SELECT
      (SELECT json_agg(json_build_object('node', node, 'groups', groups) ORDER BY node_id)
       FROM autoscaler.workers CROSS JOIN LATERAL (
         SELECT coalesce(json_agg(shard_id::text ORDER BY shard_id), '[]') AS groups
         FROM autoscaler.shard_groups g WHERE g.group_id = workers.group_id) held
       WHERE is_worker) AS workers,
      (SELECT coalesce(json_agg(json_build_object('group', shardid::text,
         'from', autoscaler.address_of(sourcename, sourceport), 'to', autoscaler.address_of(targetname, targetport))), '[]')
       FROM get_rebalance_progress() WHERE shardid IN (SELECT shard_id FROM autoscaler.shard_groups)) AS moves,
      (SELECT settled FROM autoscaler.settled) AS settled`
  return row
}
