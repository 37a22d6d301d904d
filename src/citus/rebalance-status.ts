import * as z from 'zod/mini'
import { ask } from './connection.ts'

const readMilliseconds = 5_000

const taskSchema = z.object({
  task: z.number(),
  status: z.string(),
  command: z.string(),
  retries: z.number(),
  error: z.string(),
  nextTryAt: z.nullable(z.string()),
})

const statusSchema = z.object({
  job: z.number(),
  state: z.string(),
  startedAt: z.nullable(z.string()),
  finishedAt: z.nullable(z.string()),
  tasks: z.record(z.string(), z.number()),
  unfinished: z.array(taskSchema),
})

/** The newest rebalance job: how many of its tasks are in which state, and of the unfinished ones what keeps them. */
export type RebalanceStatus = z.infer<typeof statusSchema>

/**
 * Reads the newest rebalance job, or undefined when there never was one. Its state alone tells little: a task that fails goes back to
 * `runnable`, is tried again, 32 times on Citus 13.2, with growing delays, and its error stands in its message meanwhile. Before its
 * first failure not_before is the start of 2000.
 * @throws UpstreamError citus-refused, citus-unavailable
 */
export function readRebalanceStatus(url: string): Promise<RebalanceStatus | undefined> {
  return ask(url, 'tell how the rebalance goes', readMilliseconds, async (sql) => {
    const [row] = await sql`
      SELECT json_build_object(
        'job', job_id, 'state', state, 'startedAt', started_at, 'finishedAt', finished_at,
        'tasks', (
          SELECT coalesce(json_object_agg(status, tasks), '{}')
          FROM (SELECT status, count(*) AS tasks FROM pg_dist_background_task WHERE job_id = job.job_id GROUP BY status) AS counts
        ),
        'unfinished', (
          SELECT coalesce(json_agg(json_build_object(
            'task', task_id, 'status', status, 'command', command, 'retries', coalesce(retry_count, 0),
            'error', message, 'nextTryAt', CASE WHEN retry_count > 0 THEN not_before END
          ) ORDER BY task_id), '[]')
          FROM (
            SELECT * FROM pg_dist_background_task
            WHERE job_id = job.job_id AND (status IN ('running', 'error') OR retry_count > 0 AND status = 'runnable')
            ORDER BY task_id LIMIT 10
          ) AS task
        )
      ) AS status
      FROM pg_dist_background_job job WHERE job_type = 'rebalance' ORDER BY job_id DESC LIMIT 1`
    return row && statusSchema.parse(row.status)
  })
}
