import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { applySql, describeOnEachEngine, type Cluster } from './engines.ts'

const run = promisify(execFile)
const path = (file: string) => fileURLToPath(new URL(`../../sql/${file}`, import.meta.url))
const missing = (program: string) => (spawnSync(program, ['--version']).error ? `${program} is not installed` : false)

describeOnEachEngine('the example', (open) => {
  let cluster: Cluster
  before(async () => {
    cluster = await open()
  })
  after(() => cluster.close())

  test('schema and distribution can be applied twice, and the four tables are co-located', async () => {
    for (const file of ['03-example-schema.sql', '04-example-distribution.sql']) {
      assert.deepEqual(await applySql(cluster.url, file), [])
      assert.deepEqual(await applySql(cluster.url, file), [])
    }
    const tables = await cluster.sql`
      SELECT logicalrelid::text AS name, count(*)::int AS shards, dense_rank() OVER (ORDER BY colocationid)::int AS colocation_group
      FROM pg_dist_partition JOIN pg_dist_shard USING (logicalrelid) GROUP BY logicalrelid, colocationid ORDER BY 1`
    assert.deepEqual(
      tables.map((table) => ({ ...table })),
      ['ads', 'campaigns', 'clicks', 'companies'].map((name) => ({ name, shards: 32, colocation_group: 1 })),
    )
    // The example and the autoscaler's schema do not depend on each other.
    await applySql(cluster.url, '01-autoscaler.sql')
    await applySql(cluster.url, 'remove.sql')
    assert.equal((await cluster.sql`SELECT count(*)::int AS rows FROM public.companies`)[0]?.rows, 0)
  })

  test(
    'the sample data can be loaded again, with more companies, and later rows get new ids',
    { skip: missing('psql') },
    async () => {
      const load = (companies: number) =>
        run('psql', [
          cluster.url,
          '-Xq',
          '-v',
          'ON_ERROR_STOP=1',
          '-v',
          `companies=${companies}`,
          '-f',
          path('sample-data.sql'),
        ])
      const counts = async () => {
        const [row] = await cluster.sql`
        SELECT (SELECT count(*)::int FROM public.companies) AS companies, (SELECT count(*)::int FROM public.campaigns) AS campaigns,
          (SELECT count(*)::int FROM public.ads) AS ads, (SELECT count(*)::int FROM public.clicks) AS clicks`
        return { ...row }
      }
      await load(2)
      assert.deepEqual(await counts(), { companies: 2, campaigns: 20, ads: 1000, clicks: 1000 })
      await load(2)
      await load(3)
      assert.deepEqual(await counts(), { companies: 3, campaigns: 30, ads: 1500, clicks: 1500 })
      const [next] = await cluster.sql`
      INSERT INTO public.companies (name, created_at, updated_at) VALUES ('Next', now(), now()) RETURNING id`
      assert.equal(next?.id, '4')
      const [odd] = await cluster.sql`
      SELECT count(*)::int AS ads FROM public.ads
      WHERE clicks_count > impressions_count OR impressions_count < 100 OR created_at > now() OR updated_at < created_at`
      assert.equal(odd?.ads, 0)
    },
  )

  for (const script of ['ads-with-campaigns', 'monthly-budget']) {
    test(`pgbench runs ${script} without a failure`, { skip: missing('pgbench') }, async () => {
      const { stdout } = await run('pgbench', [
        '-n',
        '-c',
        '2',
        '-t',
        '20',
        '-f',
        path(`pgbench/${script}.sql`),
        cluster.url,
      ])
      assert.match(stdout, /number of transactions actually processed: 40\/40/)
      assert.match(stdout, /number of failed transactions: 0 /)
    })
  }
})
