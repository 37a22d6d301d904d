import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { applySql, asRole, describeOnEachEngine, type Cluster } from './engines.ts'
import { useOwnServer } from '../database.ts'

useOwnServer()

describeOnEachEngine('security of the functions', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
    await applySql(cluster.url, '01-autoscaler.sql')
    await applySql(cluster.url, '02-roles.sql')
    await cluster.sql.unsafe(`CREATE ROLE probe_grafana LOGIN PASSWORD 'probe' IN ROLE autoscaler_grafana;
      CREATE ROLE probe_nobody LOGIN PASSWORD 'probe';
      CREATE TABLE public.probe_secret AS SELECT 'the salary of Ann'::text AS secret;
      CREATE TABLE public.probe_caught (by name)`)
  })
  after(async () => {
    await cluster.sql`DROP TABLE public.probe_secret, public.probe_caught`
    await cluster.sql`DROP ROLE probe_grafana, probe_nobody`
    await cluster.close()
  })

  test('every function of the schema has search_path = pg_catalog, pg_temp', async () => {
    const functions = await cluster.sql<{ name: string; definer: boolean; settings: string[] | null }[]>`
      SELECT oid::regprocedure::text AS name, prosecdef AS definer, proconfig AS settings
      FROM pg_proc WHERE pronamespace = 'autoscaler'::regnamespace`
    assert.ok(functions.filter(({ definer }) => definer).length > 10)
    const without = functions.filter(({ settings }) => !settings?.includes('search_path=pg_catalog, pg_temp'))
    assert.deepEqual(
      without.map(({ name }) => name),
      [],
    )
  })

  test('PUBLIC may neither execute a function of the schema nor create one', async () => {
    const open = await cluster.sql<{ name: string }[]>`
      SELECT p.oid::regprocedure::text AS name FROM pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
      WHERE pronamespace = 'autoscaler'::regnamespace AND a.grantee = 0`
    assert.deepEqual(
      open.map(({ name }) => name),
      [],
    )
    const [rights] = await cluster.sql`
      SELECT count(*)::int AS may FROM pg_namespace, aclexplode(nspacl) a, pg_roles
      WHERE nspname = 'autoscaler' AND a.privilege_type = 'CREATE' AND a.grantee IN (0, pg_roles.oid) AND rolname LIKE 'autoscaler%'`
    assert.deepEqual({ ...rights }, { may: 0 })
    await asRole('probe_nobody', cluster, async (sql) => {
      for (const refused of [
        'SELECT autoscaler.version()',
        'SELECT autoscaler.stat_tenants()',
        'SELECT FROM autoscaler.nodes',
      ])
        await assert.rejects(sql.unsafe(refused), { code: '42501' })
    })
  })

  test('functions and operators in public run neither when the files are applied nor when a view is read', async (t) => {
    const { sql, url } = cluster
    const [{ name }] = await sql<[{ name: string }]>`SELECT current_database() AS name`
    // With public first, its objects hide those of pg_catalog.
    await sql.unsafe(`GRANT CREATE ON SCHEMA public TO probe_nobody; GRANT INSERT ON public.probe_caught TO PUBLIC;
      ALTER DATABASE ${name} SET search_path = public, pg_catalog`)
    t.after(() =>
      sql.unsafe(`ALTER DATABASE ${name} RESET search_path; DROP OWNED BY probe_nobody; TRUNCATE public.probe_caught`),
    )
    const trap = (signature: string, returns: string, result: string) => `
      CREATE FUNCTION public.${signature} RETURNS ${returns} LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO public.probe_caught VALUES (current_user); RETURN ${result}; END $$;`
    await asRole('probe_nobody', cluster, (nobody) =>
      nobody.unsafe(`${trap('format(text, name, text)', 'text', "'x'")}
        ${trap('to_regclass(text)', 'regclass', 'pg_catalog.to_regclass($1)')}
        ${trap('to_regnamespace(text)', 'regnamespace', 'pg_catalog.to_regnamespace($1)')}
        ${trap('now()', 'timestamptz', 'pg_catalog.clock_timestamp()')}
        ${trap('same(name, name)', 'boolean', '$1 OPERATOR(pg_catalog.=) $2')}
        ${trap('less(timestamptz, timestamptz)', 'boolean', '$1 OPERATOR(pg_catalog.<) $2')}
        CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = name, FUNCTION = public.same);
        CREATE OPERATOR public.< (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = public.less)`),
    )
    for (const file of ['01-autoscaler.sql', '02-roles.sql']) await applySql(url, file)
    await asRole('probe_grafana', cluster, (grafana) => grafana`SELECT * FROM autoscaler.settled, autoscaler.workers`)
    assert.deepEqual([...(await sql`SELECT * FROM public.probe_caught`)], [])
    const bound = await sql`
      SELECT ev_class::regclass AS view FROM pg_rewrite r
      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
      JOIN pg_class v ON v.oid = ev_class AND v.relnamespace = 'autoscaler'::regnamespace
      WHERE (refclassid = 'pg_operator'::regclass AND refobjid IN (SELECT oid FROM pg_operator WHERE oprnamespace = 'public'::regnamespace))
        OR (refclassid = 'pg_proc'::regclass AND refobjid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace))`
    assert.deepEqual([...bound], [])
  })

  test("a member of autoscaler_grafana can't run code as the owner with objects in pg_temp", async () => {
    const shadowed = await cluster.sql<{ name: string }[]>`
      SELECT relname AS name FROM pg_class
      WHERE relnamespace IN ('pg_catalog'::regnamespace, 'autoscaler'::regnamespace) AND relkind IN ('r', 'v')
        AND (relname LIKE 'pg_dist_%' OR relname LIKE 'citus_%' OR relnamespace = 'autoscaler'::regnamespace)
      UNION VALUES ('worker_count'), ('pg_locks'), ('pg_stat_activity'), ('pg_settings'), ('pg_class'), ('pg_index'), ('pg_database')`
    await asRole('probe_grafana', cluster, async (sql) => {
      // Called as another role, it records that role and reads a table that only the owner may read.
      await sql.unsafe(`CREATE FUNCTION pg_temp.catch() RETURNS text LANGUAGE plpgsql AS $$
        BEGIN
          IF current_user <> 'probe_grafana' THEN
            INSERT INTO public.probe_caught VALUES (current_user);
            RETURN (SELECT secret FROM public.probe_secret);
          END IF;
          RETURN 'mine';
        END $$`)
      const columns = `1 AS groupid, 1 AS nodeid, 1 AS colocation_id, 1 AS count, now() AS created_at, 1 AS id`
      for (const { name } of shadowed)
        await sql.unsafe(`CREATE TEMP VIEW ${name} AS SELECT pg_temp.catch() AS nodename, ${columns};
          GRANT ALL ON pg_temp.${name} TO PUBLIC`)
      for (const call of [
        'autoscaler.worker_sizes()',
        'autoscaler.stat_tenants()',
        'autoscaler.count_workers()',
        'autoscaler.worker_count_age()',
        'autoscaler.worker_change(now())',
        `autoscaler.worker_changes(now() - interval '1 day', now())`,
        `autoscaler.rebalances(now() - interval '1 day', now())`,
        'autoscaler.recent_history(20)',
        `autoscaler.settled_for('by_shard_count')`,
        'autoscaler.blockers_of(pg_backend_pid())',
        'autoscaler.started_at(1)',
        'autoscaler.nodes',
        'autoscaler.workers',
        'autoscaler.shard_groups',
        'autoscaler.rebalance',
        'autoscaler.rebalance_tasks',
        'autoscaler.settled',
        'autoscaler.tenants',
      ]) {
        const rows = await sql.unsafe(`SELECT * FROM ${call}`)
        assert.doesNotMatch(JSON.stringify(rows), /salary|mine/, call)
      }
    })
    assert.deepEqual(await cluster.sql`SELECT * FROM public.probe_caught`.then((rows) => rows.length), 0)
  })
})
