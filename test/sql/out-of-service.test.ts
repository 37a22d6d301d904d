import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addStrategy, dropStrategies } from '../citus/strategies.ts'
import { allowShards, applySql, describeOnEachEngine, type Address, type Cluster } from './engines.ts'

/** The costs of each node's shard groups. In `outOfService` the first worker is 1. */
type State = { coordinator?: number[]; first: number[]; second: number[]; third?: number[]; outOfService?: number[] }

const ones = (count: number) => Array<number>(count).fill(1)

// A worker out of service keeps its shards until another move is due; then Citus also moves them.
const states: [title: string, state: State, moves: number][] = [
  ['spread evenly', { first: ones(3), second: ones(3) }, 0],
  ['one worker is empty', { first: ones(4), second: [] }, 2],
  ['a worker out of service, and nothing else to move', { first: ones(3), second: ones(3), outOfService: [2] }, 0],
  ['a worker out of service has all shards', { first: [], second: ones(4), outOfService: [2] }, 0],
  ['every worker is out of service', { first: ones(2), second: ones(2), outOfService: [1, 2] }, 0],
  ['no tables', { first: [], second: [] }, 0],
  ['no tables, and no worker', { first: [], second: [], outOfService: [1, 2] }, 0],
  [
    'a worker out of service, and a new one that is empty',
    { first: ones(4), second: ones(4), third: [], outOfService: [2] },
    4,
  ],
  [
    'a worker out of service, and a new one that could get no shard',
    { first: ones(1), second: ones(4), third: [], outOfService: [2] },
    0,
  ],
  [
    'a worker out of service is half drained',
    { first: ones(4), second: ones(1), third: ones(3), outOfService: [2] },
    0,
  ],
  // Draining it would make the others uneven, but now they are even.
  [
    'a worker out of service has one heavy shard group',
    { first: ones(6), second: [6], third: ones(6), outOfService: [2] },
    0,
  ],
  ['the coordinator has shards and may not', { coordinator: ones(2), first: ones(2), second: ones(2) }, 2],
  ['the coordinator has the only shard group', { coordinator: ones(1), first: [], second: [] }, 1],
  [
    'the coordinator has shards and may not, and a worker is out of service',
    { coordinator: ones(2), first: ones(2), second: ones(2), outOfService: [2] },
    4,
  ],
]

describeOnEachEngine('plan, settled, usefulWorkers and a rebalance agree', (open) => {
  let cluster: Cluster
  let nodes: Address[]
  before(async () => {
    cluster = await open()
    const { sql, url, spare } = cluster
    await applySql(url, '01-autoscaler.sql')
    await sql`SELECT cron.unschedule('autoscaler-plan')`
    await sql`CREATE TABLE public.probe_weights (relation regclass, cost real)`
    await addStrategy(
      sql,
      'by_weight',
      `RETURN (SELECT cost FROM public.probe_weights w JOIN pg_dist_shard s ON s.logicalrelid = w.relation
        WHERE s.shardid = autoscaler_test_cost.shardid)`,
    )
    if (spare) await sql`SELECT citus_add_node(${spare.host}, ${spare.port})`
    nodes = await sql<Address[]>`SELECT nodename AS host, nodeport AS port FROM pg_dist_node ORDER BY groupid`
  })
  after(async () => {
    await cluster.sql`DROP TABLE IF EXISTS public.probe_weights`
    await dropStrategies(cluster.sql)
    await cluster.close()
  })

  /** Puts the cluster into this state. The third worker is a node only if the state has it. */
  async function arrange({ coordinator = [], first, second, third, outOfService = [] }: State) {
    const { sql } = cluster
    for (const { name } of await sql<{ name: string }[]>`SELECT logicalrelid::text AS name FROM pg_dist_partition`)
      await sql.unsafe(`DROP TABLE ${name}`)
    await sql`DELETE FROM public.probe_weights`
    await sql`DELETE FROM autoscaler.last_plan`
    const [, , , spare] = nodes
    if (spare) {
      await sql`SELECT citus_remove_node(${spare.host}, ${spare.port}) FROM pg_dist_node WHERE nodename = ${spare.host} AND nodeport = ${spare.port}`
      if (third) await sql`SELECT citus_add_node(${spare.host}, ${spare.port})`
    }
    const used = third ? nodes : nodes.slice(0, 3)
    const may = async (which: (place: number) => boolean) => {
      // at least one node must be allowed at any time
      for (const wanted of [true, false])
        for (const [place, node] of used.entries()) if (which(place) === wanted) await allowShards(sql, node, wanted)
    }
    for (const [place, costs] of [coordinator, first, second, third ?? []].entries()) {
      if (costs.length === 0) continue
      await may((other) => other === place)
      for (const [index, cost] of costs.entries()) {
        const name = `probe_${place}_${index}`
        await sql.unsafe(`CREATE TABLE public.${name} (tenant bigint PRIMARY KEY)`)
        await sql`SELECT create_distributed_table(${`public.${name}`}, 'tenant', shard_count => 1, colocate_with => 'none')`
        await sql`INSERT INTO public.probe_weights VALUES (${`public.${name}`}, ${cost})`
      }
    }
    await may((place) => place > 0 && !outOfService.includes(place))
  }

  const look = async () => {
    const [row] = await cluster.sql<
      [{ settled: boolean; reason: string; moves: number | null; useful: number; workers: number }]
    >`
      SELECT s.settled, s.reason, s.moves, (autoscaler.read_cluster('by_weight') ->> 'usefulWorkers')::int AS useful,
        autoscaler.count_workers()::int AS workers
      FROM autoscaler.settled_for('by_weight') s`
    return row
  }
  const plan = async () =>
    (await cluster.sql<[{ moves: number }]>`SELECT autoscaler.plan_rebalance('by_weight') AS moves`)[0].moves
  const start = async () =>
    (
      await cluster.sql<[{ start: { kind: string; moves?: number } }]>`
        SELECT autoscaler.start_rebalance('by_weight', 'block_writes', interval '11 seconds') AS start`
    )[0].start
  const placements = async () =>
    (await cluster.sql`SELECT shardid, groupid FROM pg_dist_placement ORDER BY shardid`).map((row) => ({ ...row }))

  for (const [title, state, moves] of states) {
    test(`${title}: ${moves} moves`, async (t) => {
      if (state.third && nodes.length < 4) return t.skip('CITUS_WORKER_POOL names no server that could be added')
      await arrange(state)
      assert.equal(await plan(), moves)
      assert.deepEqual(await look().then(({ settled, moves }) => ({ settled, moves })), { settled: moves === 0, moves })
      const before = await placements()
      const started = await start()
      if (moves === 0) {
        assert.deepEqual(started, { kind: 'balanced' })
        assert.deepEqual(await placements(), before)
        await checkAnotherWorker(state)
        return
      }
      assert.deepEqual([started.kind, started.moves], ['started', moves])
      assert.equal((await look()).reason, 'running')
      assert.equal(await cluster.rebalanceEnd(), 'finished')
      assert.deepEqual(await start(), { kind: 'balanced' })
      assert.equal((await look()).settled, true)
    })
  }

  /** With another worker the plan has moves exactly if usefulWorkers says that it could hold shards. */
  async function checkAnotherWorker({ third }: State) {
    const { useful, workers } = await look()
    const [, , , spare] = nodes
    if (third || !spare) return
    await cluster.sql`SELECT citus_add_node(${spare.host}, ${spare.port})`
    assert.equal((await plan()) > 0, useful > workers, `usefulWorkers ${useful}, workers ${workers}`)
  }
})
