import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { applySql, describeOnEachEngine, type Cluster } from './engines.ts'

const good = 'id bigserial PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now(), count bigint NOT NULL'
const odd = /^public\.worker_count is not the table of this file: it has other columns, or triggers or rules$/
const notHeap = /^public\.worker_count is no ordinary table \(heap\): its old rows could not be deleted$/

type Case = { name: string; make: string; undo: string; message: RegExp; needs?: 'columnar' }

const others: Case[] = [
  {
    name: "another role's table, although a superuser could write to it",
    make: `CREATE TABLE public.worker_count (${good}); ALTER TABLE public.worker_count OWNER TO probe_adopter`,
    undo: 'DROP TABLE public.worker_count',
    message: /^public\.worker_count is a table of probe_adopter$/,
  },
  {
    name: 'another schema, whose owner could change its functions',
    make: 'CREATE SCHEMA autoscaler AUTHORIZATION probe_adopter',
    undo: 'DROP SCHEMA autoscaler',
    message: /^the schema autoscaler is another role's$/,
  },
  {
    name: 'a table with a trigger',
    make: `CREATE TABLE public.worker_count (${good});
      CREATE FUNCTION public.probe_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER probe_trigger BEFORE INSERT ON public.worker_count FOR EACH ROW EXECUTE FUNCTION public.probe_trigger()`,
    undo: 'DROP TABLE public.worker_count; DROP FUNCTION public.probe_trigger()',
    message: odd,
  },
  {
    name: 'a table with a rule',
    make: `CREATE TABLE public.worker_count (${good});
      CREATE RULE probe_rule AS ON INSERT TO public.worker_count DO INSTEAD NOTHING`,
    undo: 'DROP TABLE public.worker_count',
    message: odd,
  },
  {
    name: 'other columns',
    make: 'CREATE TABLE public.worker_count (id bigserial PRIMARY KEY, name text)',
    undo: 'DROP TABLE public.worker_count',
    message: odd,
  },
  {
    name: 'no columns',
    make: 'CREATE TABLE public.worker_count ()',
    undo: 'DROP TABLE public.worker_count',
    message: odd,
  },
  {
    name: 'a view',
    make: 'CREATE VIEW public.worker_count AS SELECT 1::bigint AS id, now() AS created_at, 2::bigint AS count',
    undo: 'DROP VIEW public.worker_count',
    message: notHeap,
  },
  {
    name: 'a partitioned table',
    make: `CREATE TABLE public.worker_count (id bigint, created_at timestamptz, count bigint) PARTITION BY RANGE (created_at)`,
    undo: 'DROP TABLE public.worker_count',
    message: notHeap,
  },
  {
    name: 'a table of another access method',
    make: `CREATE ACCESS METHOD probe_am TYPE TABLE HANDLER heap_tableam_handler;
      CREATE TABLE public.worker_count (${good}) USING probe_am`,
    undo: 'DROP TABLE public.worker_count; DROP ACCESS METHOD probe_am',
    message: notHeap,
  },
  {
    name: 'a columnar table',
    make: 'CREATE TABLE public.worker_count (id bigserial, created_at timestamptz, count bigint) USING columnar',
    undo: 'DROP TABLE public.worker_count',
    message: notHeap,
    needs: 'columnar',
  },
]

describeOnEachEngine('worker_count', (open) => {
  let cluster: Cluster
  let hasColumnar = false
  let madeColumnar = false
  before(async () => {
    cluster = await open()
    const { sql } = cluster
    await sql`CREATE ROLE probe_adopter`.catch(() => undefined) // roles belong to the server: an interrupted run may have left it
    const extension =
      await sql`SELECT installed_version AS installed FROM pg_available_extensions WHERE name = 'citus_columnar'`
    hasColumnar = extension.length > 0
    madeColumnar = extension[0]?.installed === null
    if (madeColumnar) await sql`CREATE EXTENSION citus_columnar`
  })
  after(async () => {
    await cluster.sql`DROP ROLE probe_adopter`
    if (madeColumnar) await cluster.sql`DROP EXTENSION citus_columnar`
    await cluster.close()
  })

  /** The objects that sql/01 makes, and the properties of the table. */
  const look = async () => {
    const [found] = await cluster.sql`
      SELECT (SELECT array_agg(jobname) FROM cron.job) AS jobs,
        (SELECT count(*)::int FROM pg_proc WHERE pronamespace = to_regnamespace('autoscaler')) AS functions,
        (SELECT (oid, relowner, relkind, relam, relnatts)::text FROM pg_class WHERE oid = to_regclass('public.worker_count')) AS table`
    return { ...found }
  }

  for (const { name, make, undo, message, needs } of others)
    test(`01-autoscaler.sql is refused and changes nothing: ${name}`, async (t) => {
      if (needs && !hasColumnar) return t.skip('this PostgreSQL has no columnar tables')
      const { sql, url } = cluster
      // Otherwise Citus would create some of these objects on the workers, too.
      await sql.unsafe(`SET citus.enable_ddl_propagation = off; ${make}`)
      t.after(() => sql.unsafe(undo))
      const before = await look()
      await assert.rejects(
        applySql(url, '01-autoscaler.sql'),
        (error: { message: string; hint: string; code: string }) => {
          assert.match(error.message, message)
          assert.match(error.hint, /Rename that table|DROP TABLE public\.worker_count|Run as/)
          return error.code === 'P0001'
        },
      )
      assert.deepEqual(await look(), before)
    })

  const accessMethods = [
    { name: 'probe_am', make: 'CREATE ACCESS METHOD probe_am TYPE TABLE HANDLER heap_tableam_handler', undo: 'DROP ACCESS METHOD probe_am' }, // prettier-ignore
    { name: 'columnar', make: 'SELECT 1', undo: 'SELECT 1' },
  ]
  for (const { name, make, undo } of accessMethods)
    test(`with ${name} as the default access method all tables are heaps, and old rows are deleted`, async (t) => {
      if (name === 'columnar' && !hasColumnar) return t.skip('this PostgreSQL has no columnar tables')
      const { sql, url } = cluster
      const [{ database }] = await sql<[{ database: string }]>`SELECT current_database() AS database`
      await sql.unsafe(`${make}; ALTER DATABASE ${database} SET default_table_access_method = ${name}`)
      t.after(async () => {
        await sql.unsafe(`ALTER DATABASE ${database} RESET default_table_access_method`)
        await applySql(url, 'remove.sql')
        await sql.unsafe(undo)
      })
      assert.deepEqual(await applySql(url, '01-autoscaler.sql'), [])
      const tables = await sql`
        SELECT relname, amname FROM pg_class JOIN pg_am ON pg_am.oid = relam
        WHERE relkind = 'r' AND (relnamespace = 'autoscaler'::regnamespace OR pg_class.oid = 'public.worker_count'::regclass) ORDER BY 1`
      assert.deepEqual(
        tables.map((table) => ({ ...table })),
        ['last_plan', 'last_start', 'worker_count'].map((relname) => ({ relname, amname: 'heap' })),
      )
      assert.deepEqual(await applySql(url, '01-autoscaler.sql'), [])
      await sql`INSERT INTO public.worker_count (created_at, count) VALUES (now() - interval '40 days', 7)`
      const [retention] = await sql<{ command: string }[]>`
        SELECT command FROM cron.job WHERE jobname = 'worker-count-retention'`
      await sql.unsafe(retention?.command ?? '')
      assert.equal((await sql`SELECT FROM public.worker_count WHERE count = 7`).length, 0)
    })
})
