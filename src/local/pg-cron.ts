import { setTimeout } from 'node:timers/promises'
import type { ReservedSql, Sql } from 'postgres'

type Job = { jobid: string; schedule: string; command: string; username: string }

export type PgCron = {
  /** Waits for running jobs. Rejects when the jobs could not be read any more. */
  stop: () => Promise<void>
}

/**
 * Stands in for pg_cron: runs the active jobs of cron.job on schedule, each as its owner and never twice at the same time, and records
 * every run in cron.job_run_details. Its clock runs `speed` times as fast.
 */
export function startPgCron(sql: Sql, { speed = 1 }: { speed?: number } = {}): PgCron {
  const stopping = new AbortController()
  const start = Date.now()
  const now = () => start + (Date.now() - start) * speed
  const lastRun = new Map<string, number>()
  const running = new Map<string, Promise<void>>()

  const watch = async () => {
    while (!stopping.signal.aborted) {
      const jobs = await sql<Job[]>`
        SELECT jobid, schedule, command, username FROM cron.job WHERE active AND database = current_database()`
      for (const job of jobs) {
        const since = lastRun.get(job.jobid) ?? start
        const time = now()
        if (running.has(job.jobid) || !isDue(job.schedule, since, time)) continue
        lastRun.set(job.jobid, time)
        running.set(
          job.jobid,
          run(sql, job).finally(() => running.delete(job.jobid)),
        )
      }
      await setTimeout(Math.max(10, 250 / speed), undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const watched = watch()
  watched.catch(() => undefined) // `stop` rejects with it
  return {
    stop: async () => {
      stopping.abort()
      await watched
      await Promise.all(running.values())
    },
  }
}

async function run(sql: Sql, job: Job): Promise<void> {
  const connection = await sql.reserve()
  try {
    const [started] = await connection<{ runid: string }[]>`
      INSERT INTO cron.job_run_details (jobid, job_pid, database, username, command, status, start_time)
      SELECT jobid, pg_backend_pid(), database, username, command, 'running', clock_timestamp()
      FROM cron.job WHERE jobid = ${job.jobid} RETURNING runid`
    if (!started) return // unscheduled since
    const { status, message } = await execute(connection, job)
    await connection`
      UPDATE cron.job_run_details SET status = ${status}, return_message = ${message}, end_time = clock_timestamp()
      WHERE runid = ${started.runid}`
  } finally {
    connection.release()
  }
}

async function execute(connection: ReservedSql, job: Job): Promise<{ status: string; message: string }> {
  try {
    await connection`SELECT set_config('role', ${job.username}, false)`
    const { command, count } = await connection.unsafe(job.command)
    return { status: 'succeeded', message: command === 'INSERT' ? `INSERT 0 ${count}` : `${command} ${count}` }
  } catch (error) {
    return { status: 'failed', message: `ERROR: ${error instanceof Error ? error.message : String(error)}` }
  } finally {
    await connection`RESET ROLE`
  }
}

/** Whether a job that last ran at `since` is due at `time`, both in milliseconds. Cron fields are in UTC. */
export function isDue(schedule: string, since: number, time: number): boolean {
  const seconds = /^\s*(\d+)\s+seconds?\s*$/i.exec(schedule)?.[1]
  if (seconds !== undefined) return time - since >= Number(seconds) * 1000
  const minute = 60_000
  for (let next = (Math.floor(since / minute) + 1) * minute; next <= time; next += minute) {
    if (matches(schedule, new Date(next))) return true
  }
  return false
}

function matches(schedule: string, at: Date): boolean {
  const values = [at.getUTCMinutes(), at.getUTCHours(), at.getUTCDate(), at.getUTCMonth() + 1, at.getUTCDay()]
  const fields = schedule.trim().split(/\s+/)
  return values.every((value, i) => fields[i]?.split(',').some((part) => covers(part, value)) ?? false)
}

function covers(part: string, value: number): boolean {
  const [range = '*', step = '1'] = part.split('/')
  const [from = '0', to = from] = range === '*' ? ['0', '59'] : range.split('-')
  return value >= Number(from) && value <= Number(to) && (value - Number(from)) % Number(step) === 0
}
