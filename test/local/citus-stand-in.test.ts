import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { citusMajor, describeOnEachEngine, hear, type Cluster } from '../sql/engines.ts'

const monitor = 'To monitor progress, run: SELECT * FROM citus_rebalance_status();'
const start = `SELECT citus_rebalance_start('by_shard_count', shard_transfer_mode => 'block_writes')`

describeOnEachEngine('what Citus does', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
    await cluster.sql.unsafe(`
      CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY, data text);
      CREATE TABLE public.probe_details (tenant bigint, id bigint, PRIMARY KEY (tenant, id));
      CREATE TABLE public.probe_names (name text PRIMARY KEY);
      CREATE TABLE public.probe_keys (key uuid PRIMARY KEY);
      CREATE TABLE public.probe_notes (tenant bigint, note text);
      SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4, colocate_with => 'none')`)
  })
  after(() => cluster.close())

  test('a table is split into shards by hash, spread over the workers in turn, and colocated tables are placed with it', async () => {
    const { sql } = cluster
    await sql`SELECT create_distributed_table('public.probe_details', 'tenant', colocate_with => 'public.probe_events')`
    await sql`SELECT create_distributed_table('public.probe_names', 'name', shard_count => 8)`
    await sql`SELECT create_distributed_table('public.probe_keys', 'key', shard_count => 8)`
    const shards = await sql`
      SELECT logicalrelid::text AS table, shardminvalue AS from, shardmaxvalue AS to, rank() OVER (ORDER BY n.nodeid) > 4 AS second
      FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) JOIN pg_dist_node n USING (groupid)
      WHERE logicalrelid IN ('public.probe_events'::regclass, 'public.probe_details'::regclass) ORDER BY shardid`
    const quarters = [
      { from: '-2147483648', to: '-1073741825', second: false },
      { from: '-1073741824', to: '-1', second: true },
      { from: '0', to: '1073741823', second: false },
      { from: '1073741824', to: '2147483647', second: true },
    ]
    assert.deepEqual(
      shards.map((shard) => ({ ...shard })),
      ['probe_events', 'probe_details'].flatMap((table) => quarters.map((quarter) => ({ table, ...quarter }))),
    )
  })

  test('a value is found in the same shard', async () => {
    const [found] = await cluster.sql`
      SELECT
        get_shard_id_for_distribution_column('public.probe_events', 7) - (SELECT min(shardid) FROM pg_dist_shard
          WHERE logicalrelid = 'public.probe_events'::regclass) AS number,
        get_shard_id_for_distribution_column('public.probe_names', 'Bluebird'::text) - (SELECT min(shardid) FROM pg_dist_shard
          WHERE logicalrelid = 'public.probe_names'::regclass) AS text,
        get_shard_id_for_distribution_column('public.probe_keys', '1b4e28ba-2fa1-11d2-883f-0016d3cca427'::uuid)
          - (SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'public.probe_keys'::regclass) AS uuid`
    assert.deepEqual({ ...found }, { number: '1', text: '6', uuid: '2' })
  })

  test('a node with the only copy of a shard is not removed', async () => {
    const [{ shard, address, remove }] = await cluster.sql<[{ shard: string; address: string; remove: string }]>`
      SELECT min(shardid) AS shard, nodename || ':' || nodeport AS address,
        format('SELECT citus_remove_node(%L, %s)', nodename, nodeport) AS remove
      FROM pg_dist_placement JOIN pg_dist_node USING (groupid) GROUP BY nodeid ORDER BY nodeid LIMIT 1`
    assert.deepEqual(await hear(cluster.url, remove), {
      code: 'XX000',
      message: `cannot remove or disable the node ${address} because because it contains the only shard placement for shard ${shard}`,
      detail: 'One of the table(s) that prevents the operation complete successfully is public.probe_events',
      hint: 'To proceed, either drop the tables or use undistribute_table() function to convert them to local tables',
    })
  })

  test('a node is added once, and gets the same id when added again', async (t) => {
    const { sql, spare } = cluster
    if (!spare) return t.skip('CITUS_WORKER_POOL names no server that could be added')
    const add = async () =>
      (await sql<{ id: number }[]>`SELECT citus_add_node(${spare.host}, ${spare.port}) AS id`)[0]?.id
    const id = await add()
    assert.ok(Number.isInteger(id))
    assert.equal(await add(), id)
    const [node] =
      await sql`SELECT noderole, isactive, shouldhaveshards, groupid > 0 AS worker FROM pg_dist_node WHERE nodeid = ${id ?? 0}`
    assert.deepEqual({ ...node }, { noderole: 'primary', isactive: true, shouldhaveshards: true, worker: true })
    await sql`SELECT citus_remove_node(${spare.host}, ${spare.port})`
  })

  test('a rebalance has the same plan, refusals, tasks and end as in Citus', async () => {
    const { sql } = cluster
    await sql`DROP TABLE public.probe_names, public.probe_keys`
    await sql`SELECT create_distributed_table('public.probe_notes', 'tenant', colocate_with => 'public.probe_events')`
    const [last] = await sql<[{ host: string; port: number }]>`
      SELECT nodename AS host, nodeport AS port FROM pg_dist_node ORDER BY nodeid DESC LIMIT 1`
    const allow = (may: boolean) =>
      sql`SELECT citus_set_node_property(${last.host}, ${last.port}, 'shouldhaveshards', ${may})`
    const plan = () => sql`
      SELECT p.table_name::text AS table, p.shardid - first.shardid AS shard, (targetname, targetport) = (${last.host}, ${last.port}) AS to_last
      FROM get_rebalance_table_shards_plan(rebalance_strategy => 'by_shard_count') p,
        LATERAL (SELECT min(shardid) AS shardid FROM pg_dist_shard WHERE logicalrelid = p.table_name) first`
    const moves = (numbers: number[], toLast: boolean) =>
      numbers.flatMap((shard) =>
        ['probe_events', 'probe_details', 'probe_notes'].map((table) => ({
          table,
          shard: String(shard),
          to_last: toLast,
        })),
      )

    await allow(false)
    assert.deepEqual(
      (await plan()).map((row) => ({ ...row })),
      moves([1, 3], false),
    )
    assert.deepEqual(await hear(cluster.url, `SELECT citus_rebalance_start()`), {
      code: '0A000',
      message:
        "cannot use logical replication to transfer shards of the relation probe_notes since it doesn't have a REPLICA IDENTITY or PRIMARY KEY",
      detail:
        'UPDATE and DELETE commands on the shard will error out during logical replication unless there is a REPLICA IDENTITY or PRIMARY KEY.',
      hint: "If you wish to continue without a replica identity set the shard_transfer_mode to 'force_logical' or 'block_writes'.",
    })

    const other = await sql.reserve()
    await other`BEGIN`
    const [{ job: undone }] = await other.unsafe<[{ job: string }]>(`${start} AS job`)
    assert.deepEqual(await hear(cluster.url, start), {
      code: 'XX000',
      message: 'could not acquire the lock required to rebalance public.probe_events',
      detail: 'It means that either a concurrent shard move or shard copy is happening.',
      hint: 'Make sure that the concurrent operation has finished and re-run the command',
    })
    await other`ROLLBACK`
    other.release()

    // number of the job, status and the like are of the same session, so that nothing comes between them
    const job = Number(undone) + 1
    const scheduled = { code: '00000', detail: 'Rebalance scheduled as background job', hint: monitor }
    assert.deepEqual(await hear(cluster.url, start), { ...scheduled, message: `Scheduled 2 moves as job ${job}` })
    assert.deepEqual(await hear(cluster.url, start), {
      code: 'XX000',
      message: `A rebalance is already running as job ${job}`,
      detail: 'A rebalance was already scheduled as background job',
      hint: monitor,
    })

    assert.equal(await cluster.rebalanceEnd(), 'finished')
    const [status] = await sql`
      SELECT job_id, job_type, description, details, finished_at > started_at AS took_time FROM citus_rebalance_status()`
    assert.deepEqual(
      { ...status },
      {
        job_id: String(job),
        job_type: 'rebalance',
        description: 'Rebalance all colocation groups',
        details: { tasks: [], task_state_counts: { done: 2 } },
        took_time: true,
      },
    )
    const tasks = await sql`
      SELECT regexp_replace(command, '\\d+', 'N', 'g') AS command, status, pid, retry_count, not_before < '2001-01-01' AS at_once, message,
        cardinality(nodes_involved) AS nodes
      FROM pg_dist_background_task WHERE job_id = ${job}`
    // Before Citus 13, a task that never failed has neither a retry count nor a time of the next try.
    const isBefore13 = (await citusMajor(sql)) < 13
    const task = {
      command: "SELECT pg_catalog.citus_move_shard_placement(N,N,N,'block_writes')",
      status: 'done',
      pid: null,
      retry_count: isBefore13 ? null : 0,
      at_once: isBefore13 ? null : true,
      message: 'SELECT 1\n',
      nodes: 2,
    }
    assert.deepEqual(
      tasks.map((row) => ({ ...row })),
      [task, task],
    )
    assert.deepEqual((await plan()).length, 0)

    await allow(true)
    assert.deepEqual(
      (await plan()).map((row) => ({ ...row })),
      moves([0, 1], true),
    )
    await hear(cluster.url, start)
    assert.equal(await hear(cluster.url, 'SELECT citus_rebalance_stop()'), undefined)
    assert.equal(await cluster.rebalanceEnd(), 'cancelled')
  })
})
