import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDue, startPgCron } from '../../src/local/pg-cron.ts'
import { createDatabase } from '../database.ts'
import { until } from '../until.ts'

const schedules: { schedule: string; last: string; now: string; due: boolean }[] = [
  { schedule: '5 seconds', last: '12:00:00', now: '12:00:04', due: false },
  { schedule: '5 seconds', last: '12:00:00', now: '12:00:05', due: true },
  { schedule: '1 second', last: '12:00:00', now: '12:00:01', due: true },
  { schedule: '* * * * *', last: '12:00:00', now: '12:00:59', due: false },
  { schedule: '* * * * *', last: '12:00:00', now: '12:01:00', due: true },
  { schedule: '17 3 * * *', last: '03:16:59', now: '03:17:00', due: true },
  { schedule: '17 3 * * *', last: '03:17:00', now: '03:17:59', due: false },
  { schedule: '17 3 * * *', last: '03:18:00', now: '12:00:00', due: false },
  { schedule: '7 * * * *', last: '11:30:00', now: '12:30:00', due: true },
  { schedule: '*/15 * * * *', last: '12:01:00', now: '12:14:59', due: false },
  { schedule: '*/15 * * * *', last: '12:01:00', now: '12:15:00', due: true },
  { schedule: '0,30 9-17 * * *', last: '08:00:00', now: '08:59:00', due: false },
  { schedule: '0,30 9-17 * * *', last: '16:45:00', now: '17:00:00', due: true },
  { schedule: '0 12 2 1 5', last: '11:59:00', now: '12:00:00', due: true }, // a Friday
  { schedule: '0 12 2 1 6', last: '11:59:00', now: '12:00:00', due: false },
  { schedule: '0 12 3 1 *', last: '11:59:00', now: '12:00:00', due: false },
]

for (const { schedule, last, now, due } of schedules) {
  test(`'${schedule}', last run at ${last}, is ${due ? '' : 'not '}due at ${now}`, () => {
    const at = (time: string) => Date.parse(`2026-01-02T${time}Z`)
    assert.equal(isDue(schedule, at(last), at(now)), due)
  })
}

test('jobs run as their owners, and each run is recorded with its result', async (t) => {
  const { sql, drop } = await createDatabase()
  t.after(drop)
  await sql`CREATE TABLE public.seen (role name DEFAULT current_user)`
  const runs = (name: string) => sql`
    SELECT d.status, d.return_message FROM cron.job_run_details d JOIN cron.job USING (jobid)
    WHERE jobname = ${name} AND d.end_time >= d.start_time ORDER BY runid`
  await sql`SELECT cron.schedule('good', '1 seconds', 'INSERT INTO public.seen DEFAULT VALUES')`
  await sql`SELECT cron.schedule('bad', '1 seconds', 'SELECT nonsense')`
  await sql`SELECT cron.schedule('idle', '1 seconds', 'SELECT 1')`
  await sql`UPDATE cron.job SET username = 'pg_monitor' WHERE jobname = 'bad'`
  await sql`UPDATE cron.job SET active = false WHERE jobname = 'idle'`

  const cron = startPgCron(sql, { speed: 100 })
  await until('both jobs ran twice', async () => (await runs('good')).length > 1 && (await runs('bad')).length > 1)
  await cron.stop()
  assert.deepEqual({ ...(await runs('good'))[0] }, { status: 'succeeded', return_message: 'INSERT 0 1' })
  assert.deepEqual(
    { ...(await runs('bad'))[0] },
    { status: 'failed', return_message: 'ERROR: column "nonsense" does not exist' },
  )
  assert.equal((await runs('idle')).length, 0)
  assert.equal((await sql`SELECT FROM public.seen WHERE role <> 'citus'`).length, 0)
})

test('stop rejects when the database is gone', async () => {
  const { sql, drop } = await createDatabase()
  const cron = startPgCron(sql, { speed: 100 })
  await drop()
  await assert.rejects(cron.stop(), /CONNECTION_ENDED/)
})
