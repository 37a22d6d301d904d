import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../until.ts'
import { allowShards, applySql, describeOnEachEngine, lastWorker, type Address, type Cluster } from './engines.ts'

describeOnEachEngine('01-autoscaler.sql', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
    await applySql(cluster.url, '01-autoscaler.sql')
  })
  after(() => cluster.close())

  async function column<T>(statement: string): Promise<T[]> {
    const rows = await cluster.sql.unsafe<Record<string, T>[]>(statement)
    return rows.flatMap((row) => Object.values(row))
  }

  test('can be applied again without a notice', async () => {
    assert.deepEqual(await applySql(cluster.url, '01-autoscaler.sql'), [])
    const jobs = await column<string>(`SELECT jobname || ' ' || schedule FROM cron.job ORDER BY jobid`)
    assert.deepEqual(jobs, [
      'worker-count 5 seconds',
      'autoscaler-plan 30 seconds',
      'worker-count-retention 17 3 * * *',
      'worker-count-log-retention 7 * * * *',
    ])
  })

  test('pg_cron records the number of workers, and that one was added', async (t) => {
    const { sql, spare } = cluster
    const newest = async () => (await column<string>('SELECT count FROM worker_count ORDER BY id DESC LIMIT 1'))[0]
    await until('two workers are recorded', async () => (await newest()) === '2')
    assert.deepEqual(await column('SELECT autoscaler.count_workers()'), ['2'])
    assert.ok(Number((await column('SELECT autoscaler.worker_count_age()'))[0]) < 60)
    if (!spare) return t.skip('CITUS_WORKER_POOL names no server that could be added')

    await sql`SELECT citus_add_node(${spare.host}, ${spare.port})`
    await until('three workers are recorded', async () => (await newest()) === '3')
    const [change] = await sql`SELECT * FROM autoscaler.worker_change(now() - interval '5 minutes')`
    assert.deepEqual({ ...change }, { workers: 3, before: 2, change: 1 })
    await sql`SELECT citus_remove_node(${spare.host}, ${spare.port})`
  })

  test('count_workers counts nodes that may hold shards, the coordinator included', async () => {
    const count = () => column<string>('SELECT autoscaler.count_workers()')
    const worker = await lastWorker(cluster.sql)
    await allowShards(cluster.sql, worker, false)
    assert.deepEqual(await count(), ['1'])
    await allowShards(cluster.sql, worker, true)
    const [coordinator] = await cluster.sql<[Address]>`
      SELECT nodename AS host, nodeport AS port FROM pg_dist_node WHERE groupid = 0`
    await allowShards(cluster.sql, coordinator, true)
    assert.deepEqual(await count(), ['3'])
    await allowShards(cluster.sql, coordinator, false)
    assert.deepEqual(await count(), ['2'])
  })

  test('a change within the window is reported with its direction, and an empty window has no row', async () => {
    const { sql } = cluster
    const ago = (interval: string) => `now() - interval '${interval}'`
    await sql.unsafe(`INSERT INTO worker_count (created_at, count) VALUES
      (${ago('300 days')}, 4), (${ago('299 days')}, 4), (${ago('298 days')}, 2), (${ago('297 days')}, 3)`)
    const changes = await sql.unsafe(`
      SELECT round(extract(epoch FROM now() - changed_at) / 86400)::int AS days, before, workers
      FROM autoscaler.worker_changes(${ago('299 days')}, ${ago('290 days')})`)
    assert.deepEqual(
      changes.map((change) => ({ ...change })),
      [
        { days: 298, before: 4, workers: 2 },
        { days: 297, before: 2, workers: 3 },
      ],
    )
    // the value before the window counts, too
    const border = await sql.unsafe(
      `SELECT FROM autoscaler.worker_changes(${ago('298 days 1 hour')}, ${ago('297 days 1 hour')})`,
    )
    assert.equal(border.length, 1)
    assert.equal((await sql.unsafe(`SELECT FROM autoscaler.worker_change(now() + interval '1 day')`)).length, 0)
  })

  test('retention keeps 31 days of worker_count and one day of the log', async () => {
    const { sql } = cluster
    await sql`INSERT INTO worker_count (created_at, count) VALUES (now() - interval '32 days', 77), (now() - interval '30 days', 78)`
    await sql`
      INSERT INTO cron.job_run_details (jobid, username, start_time, command)
      SELECT jobid, username, now() - days * interval '1 day', 'kept ' || days FROM cron.job, unnest(ARRAY[0.9, 1.1]) days
      WHERE jobname = 'worker-count'`
    await sql`INSERT INTO cron.job_run_details (jobid, username, start_time, command)
      VALUES (-1, current_user, now() - interval '9 days', 'kept: another job')`
    for (const command of await column<string>(`SELECT command FROM cron.job WHERE jobname LIKE '%retention'`)) {
      await sql.unsafe(command)
    }
    assert.deepEqual(await column('SELECT count FROM worker_count WHERE count > 70'), ['78'])
    const kept = await column(
      `SELECT command FROM cron.job_run_details WHERE command LIKE 'kept%' ORDER BY command COLLATE "C"`,
    )
    assert.deepEqual(kept, ['kept 0.9', 'kept: another job'])
    await sql`DELETE FROM cron.job_run_details WHERE command LIKE 'kept%'`
  })
})
