import type { Sql } from 'postgres'
import * as z from 'zod/mini'

const preflightSchema = z.object({
  isCoordinator: z.boolean(),
  runningJob: z.nullable(z.number()),
  walLevel: z.string(),
  inactiveWorkers: z.array(z.string()),
  withoutReplicaIdentity: z.array(z.string()),
  orphanedShards: z.number(),
  lastJob: z.number(),
})

/** What has to be known before a rebalance: see `judgePreflight` for what each fact means. */
export type Preflight = z.infer<typeof preflightSchema>

/**
 * Reads it in one statement. A worker has the same catalogue but for its own group; `citus_is_coordinator()` would not do, since it is
 * false on a coordinator to which no node has been added yet.
 */
export async function readPreflight(sql: Sql): Promise<Preflight> {
  const [row] = await sql`
    SELECT json_build_object(
      'isCoordinator', (SELECT groupid = 0 FROM pg_dist_local_group),
      'runningJob', (
        SELECT max(job_id) FROM pg_dist_background_job
        WHERE job_type = 'rebalance' AND state IN ('scheduled', 'running', 'cancelling', 'failing')
      ),
      'lastJob', (SELECT coalesce(max(job_id), 0) FROM pg_dist_background_job),
      'walLevel', current_setting('wal_level'),
      'inactiveWorkers', (
        SELECT coalesce(json_agg(format('%s:%s', nodename, nodeport) ORDER BY nodeid), '[]')
        FROM pg_dist_node WHERE noderole = 'primary' AND NOT isactive AND groupid <> 0
      ),
      'withoutReplicaIdentity', (
        SELECT coalesce(json_agg(logicalrelid::text ORDER BY logicalrelid::text), '[]')
        FROM pg_dist_partition table_ JOIN pg_class ON pg_class.oid = logicalrelid
        WHERE colocationid > 0 AND table_.repmodel <> 't' AND relkind <> 'p' AND CASE relreplident
          WHEN 'd' THEN NOT EXISTS (SELECT FROM pg_index WHERE indrelid = logicalrelid AND indisprimary)
          WHEN 'i' THEN NOT EXISTS (SELECT FROM pg_index WHERE indrelid = logicalrelid AND indisreplident)
          ELSE relreplident = 'n'
        END
      ),
      'orphanedShards', (SELECT count(*) FROM pg_dist_cleanup)
    ) AS preflight`
  return preflightSchema.parse(row?.preflight)
}
