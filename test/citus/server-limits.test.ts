import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closeDatabase, start, statement } from '../../src/citus/connection.ts'
import { createDatabase } from '../database.ts'
import { databaseOf } from './database-of.ts'

// Limits that an administrator sets for a role or a database are not meant for planning or adding a node, which may take longer.
for (const limit of ['statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout'])
  test(`the database's ${limit} does not cancel the app's long statements`, async (t) => {
    const { url, sql, drop } = await createDatabase()
    t.after(closeDatabase)
    t.after(drop)
    const [known] = await sql`SELECT FROM pg_settings WHERE name = ${limit}`
    if (!known) return t.skip('needs PostgreSQL 17 or newer')
    await sql.unsafe(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET ${limit} = '50ms'`)
    const slow = (milliseconds: number) =>
      start(databaseOf(url), 'sleep', 10_000, (apart) =>
        statement(apart, milliseconds, 'SELECT pg_sleep(0.3), current_setting($$statement_timeout$$) AS own'),
      )
    assert.equal((await slow(5_000))?.[0]?.own, '5s')
    await assert.rejects(slow(100), { code: '57014' })
  })
