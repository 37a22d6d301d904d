import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect, useOwnServer } from '../database.ts'
import { until } from '../until.ts'
import { allowShards, applySql, asRole, describeOnEachEngine, lastWorker, type Cluster } from './engines.ts'

useOwnServer()

const earlier = (file: string) => `../test/sql/fixtures/42140a0-${file}`

describeOnEachEngine('an upgrade from version 1 (42140a0)', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
    const { sql, url } = cluster
    await sql.unsafe(`CREATE ROLE probe_owner LOGIN PASSWORD 'probe'; GRANT CREATE ON SCHEMA public TO probe_owner;
      CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY); ALTER TABLE public.probe_events OWNER TO probe_owner`)
    const last = await lastWorker(sql)
    await allowShards(sql, last, false)
    await sql`SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4)`
    await allowShards(sql, last, true)
    await applySql(url, earlier('01-autoscaler.sql'))
    await applySql(url, earlier('02-roles.sql'))
    await sql.unsafe(`CREATE ROLE probe_function LOGIN PASSWORD 'probe' IN ROLE autoscaler_function;
      CREATE ROLE probe_grafana LOGIN PASSWORD 'probe' IN ROLE autoscaler_grafana;
      INSERT INTO public.worker_count (created_at, count) VALUES (now() - interval '9 days', 77)`)
  })
  after(async () => {
    const { sql } = cluster
    try {
      await sql.unsafe(`DROP ROLE probe_function, probe_grafana; DROP TABLE public.probe_events;
        DROP OWNED BY probe_owner; DROP ROLE probe_owner`)
    } finally {
      await cluster.close()
    }
  })

  const jobs = async () =>
    (await cluster.sql`SELECT jobid, jobname, active FROM cron.job ORDER BY jobid`).map((job) => ({ ...job }))

  test('before the upgrade the app can read tables of their owner, and Grafana worker_count', async () => {
    await asRole('probe_function', cluster, (app) => app`SELECT * FROM public.probe_events`)
    await asRole('probe_grafana', cluster, (grafana) => grafana`SELECT * FROM public.worker_count`)
  })

  test('the current files: no notices, history kept, no job doubled, rights revoked', async () => {
    const { sql, url } = cluster
    const jobsBefore = await jobs()
    assert.deepEqual(await applySql(url, '01-autoscaler.sql'), [])
    assert.deepEqual(await applySql(url, '02-roles.sql'), [])
    const jobsAfter = await jobs()
    assert.deepEqual(jobsAfter.slice(0, jobsBefore.length), jobsBefore)
    assert.deepEqual(
      jobsAfter.map(({ jobname }) => String(jobname)),
      ['worker-count', 'worker-count-retention', 'worker-count-log-retention', 'autoscaler-plan'],
    )
    assert.equal((await sql`SELECT FROM public.worker_count WHERE count = 77`).length, 1)
    const left = await sql`
      SELECT relname FROM pg_class WHERE relnamespace = 'autoscaler'::regnamespace AND relname IN ('shards', 'workers_without_shards')
      UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'autoscaler'::regnamespace AND proname = 'shard_bytes'`
    assert.deepEqual([...left], [])

    const members = await sql`SELECT roleid::regrole FROM pg_auth_members WHERE member = 'autoscaler_function'::regrole`
    assert.deepEqual([...members], [])
    await asRole('probe_function', cluster, async (app) => {
      for (const refused of ['public.probe_events', 'public.worker_count', 'autoscaler.workers'])
        await assert.rejects(app.unsafe(`SELECT * FROM ${refused}`), { code: '42501' }, refused)
      const [row] = await app<{ start: { kind: string; moves: number } }[]>`
        SELECT autoscaler.start_rebalance('by_shard_count', 'block_writes', interval '11 seconds') AS start`
      assert.deepEqual([row?.start.kind, row?.start.moves], ['started', 2])
    })
    assert.equal(await cluster.rebalanceEnd(), 'finished')
    await asRole('probe_grafana', cluster, async (grafana) => {
      await assert.rejects(grafana`SELECT * FROM public.worker_count`, { code: '42501' })
      await grafana`SELECT * FROM autoscaler.settled, autoscaler.workers`
    })
  })

  test('applied once more, the files change nothing', async () => {
    const before = await jobs()
    const starts = await cluster.sql`SELECT * FROM autoscaler.last_start`
    assert.deepEqual(await applySql(cluster.url, '01-autoscaler.sql'), [])
    assert.deepEqual(await applySql(cluster.url, '02-roles.sql'), [])
    assert.deepEqual(await jobs(), before)
    assert.deepEqual([...(await cluster.sql`SELECT * FROM autoscaler.last_start`)], [...starts])
    await asRole('probe_function', cluster, (app) => app`SELECT autoscaler.read_cluster('by_shard_count')`)
  })

  test('another superuser runs the files, then the first one again: no job is doubled', async () => {
    const { sql, url } = cluster
    const [{ me }] = await sql<[{ me: string }]>`SELECT current_user AS me`
    const names = (await jobs()).map(({ jobname }) => String(jobname)).sort()
    await sql`CREATE ROLE probe_super SUPERUSER LOGIN PASSWORD 'probe'`
    try {
      for (const who of ['probe_super', me]) {
        assert.deepEqual(await applySql(url, '01-autoscaler.sql', who), [])
        assert.deepEqual(await applySql(url, '02-roles.sql', who), [])
        const owned = await sql`SELECT jobname, username FROM cron.job ORDER BY jobname COLLATE "C"`
        assert.deepEqual(
          owned.map((job) => ({ ...job })),
          names.map((jobname) => ({ jobname, username: who })),
        )
        await asRole('probe_function', cluster, (app) => app`SELECT autoscaler.read_cluster('by_shard_count')`)
      }
    } finally {
      await sql`DROP ROLE probe_super` // it owns nothing any more
    }
  })

  test('a view on the schema that is not from the files stops the upgrade, and nothing is changed', async (t) => {
    const { sql, url } = cluster
    await sql`CREATE VIEW public.probe_mine AS SELECT * FROM autoscaler.workers`
    t.after(() => sql`DROP VIEW public.probe_mine`)
    await assert.rejects(applySql(url, '01-autoscaler.sql'), { code: '2BP01' })
    assert.equal((await sql`SELECT autoscaler.version() AS version`)[0]?.version, 3)
  })

  for (const file of ['01-autoscaler.sql', 'remove.sql'])
    test(`${file} waits for a running cron job, and both succeed`, async (t) => {
      const { sql, url } = cluster
      const job = connect(url, { max: 1 })
      t.after(() => job.end())
      const applied = await job.begin(async (run) => {
        const [{ pid }] = await run<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`
        await run`INSERT INTO public.worker_count (count) VALUES (2)`
        const applying = applySql(url, file).then(
          (notices) => notices.map(({ message }) => message),
          (error: Error) => error.message,
        )
        await until(`${file} waits`, async () => {
          const waiting = await sql`SELECT FROM pg_stat_activity WHERE ${pid} = ANY (pg_blocking_pids(pid))`
          return waiting.length > 0
        })
        await run`SELECT autoscaler.count_workers()`
        return { applying }
      })
      assert.deepEqual(await applied.applying, [])
      assert.deepEqual(await applySql(url, '01-autoscaler.sql'), [])
      assert.deepEqual(await applySql(url, '02-roles.sql'), [])
    })

  test('remove.sql leaves nothing of either version', async () => {
    const { sql, url } = cluster
    assert.deepEqual(await applySql(url, 'remove.sql'), [])
    const [left] = await sql`
      SELECT to_regnamespace('autoscaler') AS schema, to_regclass('public.worker_count') AS table,
        to_regrole('autoscaler_grafana') AS grafana, to_regrole('autoscaler_function') AS function,
        (SELECT count(*) FROM cron.job)::int AS jobs`
    assert.deepEqual({ ...left }, { schema: null, table: null, grafana: null, function: null, jobs: 0 })
  })
})
