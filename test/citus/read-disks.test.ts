import assert from 'node:assert/strict'
import { readDisks } from '../../src/citus/read-disks.ts'
import { checkDisks } from '../../src/scaling/check-disks.ts'
import { until } from '../until.ts'
import { testOnCluster } from './clusters.ts'
import { databaseOf } from './database-of.ts'

testOnCluster(
  'readDisks returns the disks of all nodes with shards, and the percentage that Citus keeps free',
  async ({ url, sql, isReal, worker }) => {
    const nodes = async () => {
      const { wantedPercent, disks } = await readDisks(databaseOf(url))
      for (const { available, total } of disks) assert.ok(0 < available && available <= total)
      return [wantedPercent, ...disks.map(({ node }) => node)]
    }
    const workers = (
      await sql<{ node: string }[]>`SELECT node FROM autoscaler.workers WHERE is_worker ORDER BY node_id`
    ).map(({ node }) => node)
    assert.equal(workers.length, 2)
    assert.deepEqual(await nodes(), [10, ...workers])

    // The coordinator of an elastic cluster also holds shards.
    const coordinatorMay = (may: boolean) =>
      sql`SELECT citus_set_node_property(nodename, nodeport, 'shouldhaveshards', ${may}) FROM pg_dist_node WHERE groupid = 0`
    const [coordinator] = await sql<{ node: string }[]>`
    SELECT format('%s:%s', nodename, nodeport) AS node FROM pg_dist_node WHERE groupid = 0`
    await coordinatorMay(true)
    try {
      const [wanted, ...others] = await nodes()
      assert.deepEqual([wanted, others.length, others.includes(coordinator?.node ?? 'none')], [10, 3, true])
    } finally {
      await coordinatorMay(false)
    }

    // More than any disk has free: Citus must refuse the moves that the warnings name.
    const setting = 'citus.desired_percent_disk_available_after_move'
    if (isReal) await sql.unsafe(`ALTER SYSTEM SET ${setting} = 100`)
    else await sql.unsafe(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET ${setting} = 100`)
    try {
      await sql`SELECT pg_reload_conf()`
      const disks = await until('the setting is read', async () => {
        const read = await readDisks(databaseOf(url))
        return read.wantedPercent === 100 && read
      })
      assert.equal(checkDisks(disks).filter((warning) => / fails: /.test(warning)).length, 2)
      if (!isReal) return // the stand-in's moves take no space
      const move = sql`
      SELECT citus_move_shard_placement(shardid, nodename, nodeport, ${worker.name}, ${worker.port}, 'block_writes')
      FROM pg_dist_shard_placement WHERE (nodename, nodeport) <> (${worker.name}, ${worker.port}) LIMIT 1`
      await assert.rejects(move, /not enough empty space on node if the shard is moved/)
    } finally {
      if (isReal) await sql.unsafe(`ALTER SYSTEM RESET ${setting}`)
      await sql`SELECT pg_reload_conf()`
    }
  },
)
