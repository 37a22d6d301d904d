import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closeDatabase, start, statement } from '../../src/citus/connection.ts'
import { createDatabase } from '../database.ts'
import { databaseOf } from './database-of.ts'

// What an administrator sets for a role or a database is meant for others' queries: planning and adding a node may take longer.
for (const limit of ['statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout'])
  test(`a database's ${limit} does not end what the app lets take long`, async (t) => {
    const { url, sql, drop } = await createDatabase()
    t.after(closeDatabase)
    t.after(drop)
    const [known] = await sql`SELECT FROM pg_settings WHERE name = ${limit}`
    if (!known) return t.skip('PostgreSQL 17 and newer have it')
    await sql.unsafe(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET ${limit} = '50ms'`)
    const slow = (milliseconds: number) =>
      start(databaseOf(url), 'sleep', 10_000, (apart) =>
        statement(apart, milliseconds, 'SELECT pg_sleep(0.3), current_setting($$statement_timeout$$) AS own'),
      )
    assert.equal((await slow(5_000))?.[0]?.own, '5s')
    await assert.rejects(slow(100), { code: '57014' })
  })
