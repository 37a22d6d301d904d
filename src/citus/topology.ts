import type { Sql } from 'postgres'
import * as z from 'zod/mini'
import type { Topology } from '../scaling/cluster-state.ts'
import { ask } from './connection.ts'

const readMilliseconds = 5_000

/**
 * Reads from the catalogue where the shards are, within 5 s and in one round trip.
 * @param coordinatorIsWorker whether a coordinator that may hold shards counts as a worker, as in an elastic cluster
 * @throws UpstreamError citus-refused (no Citus here, no right), citus-unavailable
 */
export function readTopology(url: string, coordinatorIsWorker: boolean): Promise<Topology> {
  return ask(url, 'tell where the shards are', readMilliseconds, async (sql) => {
    // Sent together, so one round trip: a statement without parameters waits for no other's answer. The short one goes first, since
    // postgres.js holds up to 1 KiB back for what may follow, and sends the rest at once.
    const [workersChangedAt, catalogue] = await Promise.all([readWorkerChange(sql), readCatalogue(sql)])
    const workers = catalogue.workers.filter(({ isCoordinator }) => coordinatorIsWorker || !isCoordinator)
    return {
      workers: workers.map(({ node, shardGroups }) => ({ node, shardGroups })),
      usefulWorkers: catalogue.usefulWorkers,
      rebalance: catalogue.rebalance ?? undefined,
      workersChangedAt,
    }
  })
}

const catalogueSchema = z.object({
  workers: z.array(z.object({ node: z.string(), isCoordinator: z.boolean(), shardGroups: z.number() })),
  usefulWorkers: z.number(),
  rebalance: z.nullable(z.object({ job: z.number(), state: z.string() })),
})

// A shard group is what always moves together: the shards of one colocation group with the same range. Reference tables ('n', 't') are
// on every node and never count; nor do local tables in the metadata, which have no colocation group. As many workers as there are shard
// groups can hold one: colocation groups too small for a shard group on each are balanced as one (citusdata/citus#6739, Citus 11.3).
async function readCatalogue(sql: Sql): Promise<z.infer<typeof catalogueSchema>> {
  const [row] = await sql`
    WITH shard_groups AS (
      SELECT DISTINCT table_.colocationid, coalesce(shard.shardminvalue, '') AS range, placement.groupid
      FROM pg_dist_partition table_
      JOIN pg_dist_shard shard USING (logicalrelid)
      JOIN pg_dist_placement placement USING (shardid)
      WHERE table_.colocationid > 0 AND table_.repmodel <> 't'
    )
    SELECT json_build_object(
      'workers', (
        SELECT coalesce(json_agg(json_build_object(
          'node', format('%s:%s', nodename, nodeport),
          'isCoordinator', groupid = 0,
          'shardGroups', (SELECT count(*) FROM shard_groups WHERE shard_groups.groupid = node.groupid)
        ) ORDER BY nodeid), '[]')
        FROM pg_dist_node node
        WHERE noderole = 'primary' AND isactive AND shouldhaveshards
      ),
      'usefulWorkers', (SELECT count(DISTINCT (colocationid, range)) FROM shard_groups),
      'rebalance', (
        SELECT json_build_object('job', job_id, 'state', state)
        FROM pg_dist_background_job
        WHERE job_type = 'rebalance' AND state IN ('scheduled', 'running', 'cancelling', 'failing')
        ORDER BY job_id DESC LIMIT 1
      )
    ) AS catalogue`
  return catalogueSchema.parse(row?.catalogue)
}

const workerChangeSchema = z.object({ changed_at: z.nullable(z.date()) })

/**
 * When `worker_count` changed last within a day, the longest cooldown there is. The table is of this project's sql/, not of Citus:
 * without it there is nothing to go by, and ARM's record has to do.
 */
async function readWorkerChange(sql: Sql): Promise<Date | undefined> {
  try {
    const [row] = await sql`
      SELECT max(created_at) AS changed_at FROM (
        SELECT created_at, count <> lag(count) OVER (ORDER BY created_at, id) AS changed
        FROM public.worker_count WHERE created_at > now() - interval '1 day'
      ) AS counts WHERE changed`
    return workerChangeSchema.parse(row).changed_at ?? undefined
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === '42P01'
    if (missing) return undefined
    throw error
  }
}
