import assert from 'node:assert/strict'
import { test } from 'node:test'
import postgres from 'postgres'
import { speedUpDatabase, startFastTime } from '../../src/local/fast-time.ts'
import { startPostgres } from '../../src/local/postgres.ts'

test('a database uses the same clock in defaults and functions that are created afterwards', async (t) => {
  const server = await startPostgres()
  const sql = postgres(server.url, { max: 1, onnotice: () => undefined })
  t.after(async () => {
    await sql.end()
    await server.stop()
  })
  const time = startFastTime(3600)
  await speedUpDatabase(sql, time)
  await sql`CREATE TABLE seen (at timestamptz NOT NULL DEFAULT now())`
  await sql`CREATE FUNCTION age() RETURNS interval LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS 'SELECT now() - max(at) FROM public.seen'`
  const before = time.now()
  await sql`INSERT INTO seen DEFAULT VALUES`
  await time.until(time.now() + 600_000, AbortSignal.timeout(10_000))
  const [row] = await sql<{ at: Date; age: number; clock: Date; statement: Date }[]>`
    SELECT at, extract(epoch FROM age())::float8 AS age, clock_timestamp() AS clock, statement_timestamp() AS statement FROM seen`
  const after = time.now()
  assert.ok(row)
  for (const at of [row.at, row.clock, row.statement])
    // Node's clock has milliseconds, the database's has microseconds.
    assert.ok(at.getTime() >= before - time.speed && at.getTime() <= after + time.speed)
  assert.ok(row.at < row.statement && row.statement <= row.clock)
  // A timer may fire a millisecond early by the machine's clock.
  assert.ok(row.age >= 600 - time.speed / 1000, `${row.age} seconds`)
})
