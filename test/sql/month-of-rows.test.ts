import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as z from 'zod'
import { applySql, describeOnEachEngine, type Cluster } from './engines.ts'

const planSchema = z.object({
  'Node Type': z.string(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Shared Hit Blocks': z.number(),
  'Shared Read Blocks': z.number(),
  get Plans() {
    return z.array(planSchema).optional()
  },
})
type Plan = z.infer<typeof planSchema>

const explained = z.tuple([z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: planSchema })]) })])

const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)]

describeOnEachEngine('a month of numbers of workers', (open) => {
  let cluster: Cluster
  /** A scan of the whole table reads all of its blocks; what a function looks up in the catalogue is counted as well. */
  let mostBlocks: number
  before(async () => {
    cluster = await open()
    await applySql(cluster.url, '01-autoscaler.sql')
    await cluster.sql`SELECT cron.unschedule('worker-count')` // so that no row comes in between
    await cluster.sql`
      INSERT INTO public.worker_count (created_at, count)
      SELECT now() - interval '5 seconds' * n, 2 FROM generate_series(500000, 1, -1) n`
    await cluster.sql`ANALYZE public.worker_count`
    const [{ pages }] = await cluster.sql<[{ pages: number }]>`
      SELECT relpages AS pages FROM pg_class WHERE oid = 'public.worker_count'::regclass`
    mostBlocks = pages / 10
  })
  after(() => cluster.close())

  async function explain(query: string): Promise<Plan> {
    const rows = await cluster.sql.unsafe(`EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ${query}`)
    return explained.parse([...rows])[0]['QUERY PLAN'][0].Plan
  }

  // Of the 500,000 rows 5 minutes hold 60 and an hour holds 720.
  for (const { query, rows } of [
    { query: `SELECT * FROM autoscaler.worker_change(now() - interval '5 minutes')`, rows: 2 },
    { query: `SELECT * FROM autoscaler.worker_changes(now() - interval '1 hour', now())`, rows: 725 },
  ]) {
    test(`${query} reads only its window`, async () => {
      const plan = await explain(query)
      const scans = nodes(plan).filter((node) => node['Node Type'].includes('Scan') && !node.Plans)
      assert.ok(scans.length > 0)
      for (const scan of scans) {
        assert.match(scan['Node Type'], /^Index (Only )?Scan/)
        assert.ok(scan['Actual Rows'] * scan['Actual Loops'] <= rows, `${scan['Actual Rows']} rows were read`)
      }
      assert.ok(plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] < mostBlocks)
    })
  }

  test('the age of the newest number takes one look at the index', async () => {
    const [{ age }] = await cluster.sql<[{ age: number }]>`SELECT autoscaler.worker_count_age() AS age`
    assert.ok(age < 60)
    const plan = await explain('SELECT autoscaler.worker_count_age()')
    assert.ok(plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] < mostBlocks)
  })
})
