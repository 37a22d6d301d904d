import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sql } from 'postgres'
import { createDatabase } from '../database.ts'
import { applySql } from './engines.ts'

type Case = {
  name: string
  file?: string
  empty?: boolean
  prepare?: string
  /** Runs the file as this role, which has only the rights that `prepare` grants. */
  as?: string
  message: RegExp
  hint: RegExp
  /** Objects that `prepare` has made. */
  left?: string[]
}

const createGuest = 'CREATE ROLE probe_guest'

const cases: Case[] = [
  {
    name: 'no Citus',
    empty: true,
    message: /^the database test_\w+ has no Citus$/,
    hint: /CREATE EXTENSION citus/,
  },
  {
    name: 'a Citus without citus_stat_tenants, which came with 11.3',
    prepare: 'DROP VIEW citus_stat_tenants',
    message: /^Citus is too old: Citus /,
    hint: /11\.3 or newer/,
  },
  {
    name: 'a worker',
    prepare: 'UPDATE citus_stand_in.settings SET is_coordinator = false',
    message: /^this is a worker, not the coordinator$/,
    hint: /Connect to the coordinator/,
  },
  {
    name: 'no pg_cron',
    prepare: 'DROP SCHEMA cron CASCADE',
    message: /^the database test_\w+ has no pg_cron$/,
    hint: /shared_preload_libraries.*cron\.database_name.*CREATE EXTENSION pg_cron/,
  },
  {
    name: 'pg_cron 1.4, which has no schedules in seconds',
    prepare: 'UPDATE citus_stand_in.settings SET pg_cron_version = 1.4',
    message: /^pg_cron is too old: it has no schedules in seconds$/,
    hint: /1\.5 or newer.*ALTER EXTENSION pg_cron UPDATE/,
  },
  {
    name: 'a role that may not use pg_cron',
    as: 'probe_guest',
    message: /^role probe_guest may not use pg_cron$/,
    hint: /GRANT USAGE ON SCHEMA cron TO probe_guest/,
  },
  {
    name: 'a role that may not create anything',
    prepare: 'GRANT USAGE ON SCHEMA cron TO probe_guest',
    as: 'probe_guest',
    message: /^role probe_guest may not create the schema autoscaler and the table public\.worker_count$/,
    hint: /GRANT CREATE ON DATABASE test_\w+ TO probe_guest; GRANT CREATE ON SCHEMA public TO probe_guest/,
  },
  {
    name: '02-roles.sql before 01-autoscaler.sql',
    file: '02-roles.sql',
    message: /^the schema autoscaler is not there$/,
    hint: /Run sql\/01-autoscaler\.sql first/,
  },
  {
    name: '02-roles.sql on the schema of an earlier version',
    file: '02-roles.sql',
    prepare: 'CREATE SCHEMA autoscaler',
    left: ['autoscaler'],
    message: /^the schema autoscaler is of an earlier version$/,
    hint: /Run sql\/01-autoscaler\.sql first/,
  },
  {
    name: '04-example-distribution.sql before 03-example-schema.sql',
    file: '04-example-distribution.sql',
    message: /^the example's tables are not there$/,
    hint: /Run sql\/03-example-schema\.sql first/,
  },
  {
    name: '04-example-distribution.sql without Citus',
    file: '04-example-distribution.sql',
    empty: true,
    message: /^the database test_\w+ has no Citus$/,
    hint: /CREATE EXTENSION citus/,
  },
]

for (const { name, file = '01-autoscaler.sql', empty = false, prepare, as, message, hint, left = [] } of cases) {
  test(`${name}: an error with a hint, and nothing is created`, async (t) => {
    const { url, sql, drop } = await createDatabase({ empty, bare: true })
    t.after(drop)
    if (as) {
      await sql.unsafe(createGuest).catch(() => undefined) // roles belong to the server: an earlier case may have made it
    }
    if (prepare) await sql.unsafe(prepare)
    await assert.rejects(applySql(url, file, as), (error: { message: string; hint: string; code: string }) => {
      assert.match(error.message, message)
      assert.match(error.hint, hint)
      return error.code === 'P0001'
    })
    assert.deepEqual(await leftovers(sql), left)
  })
}

test('a schema autoscaler of another role: an error with a hint', async (t) => {
  const { url, sql, drop } = await createDatabase()
  t.after(drop)
  await sql.unsafe(createGuest).catch(() => undefined)
  const [{ name }] = await sql<[{ name: string }]>`SELECT current_database() AS name`
  await sql.unsafe(`GRANT USAGE ON SCHEMA cron TO probe_guest; GRANT CREATE ON SCHEMA public TO probe_guest;
    GRANT CREATE ON DATABASE ${name} TO probe_guest`)
  const expected = {
    message: "the schema autoscaler is another role's",
    hint: 'Run as citus, or: ALTER SCHEMA autoscaler OWNER TO probe_guest',
  }
  await assert.rejects(applySql(url, '01-autoscaler.sql', 'probe_guest'), expected)
  await assert.rejects(applySql(url, '02-roles.sql', 'probe_guest'), {
    message: 'role probe_guest may not grant rights on the schema autoscaler',
    hint: 'Run as citus.',
  })
})

async function leftovers(sql: Sql): Promise<unknown[]> {
  const found = await sql<{ name: string }[]>`
    SELECT nspname AS name FROM pg_namespace WHERE nspname = 'autoscaler'
    UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`
  const [{ cron }] = await sql<[{ cron: boolean }]>`SELECT to_regclass('cron.job') IS NOT NULL AS cron`
  const jobs = cron ? await sql<{ name: string }[]>`SELECT jobname AS name FROM cron.job` : []
  return [...found, ...jobs].map(({ name }) => name)
}
