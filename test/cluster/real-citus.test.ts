import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { Sql } from 'postgres'
import { within } from '../../src/within.ts'
import { finishRebalance, openRealCluster, recordWorkers } from '../citus/clusters.ts'
import { shrink } from '../citus/real-pool.ts'
import { connect } from '../database.ts'
import { forEachApp } from '../functions/serve.ts'

const { CITUS_DATABASE_URL: url, CITUS_WORKER_POOL: pool } = process.env
const skip = (!url || !pool) && 'CITUS_DATABASE_URL and CITUS_WORKER_POOL (empty servers, host:port,…) are not set'
const run = promisify(execFile)

const file = (name: string) => ['-v', 'ON_ERROR_STOP=1', '-q', '-f', `sql/${name}.sql`]
const psql = (...args: string[]) =>
  run('psql', [url ?? '', ...args], { env: { ...process.env, PGOPTIONS: '-c search_path=public' } })

/** Starts the example's load with two clients. `stop` resolves with the output of pgbench. */
function startLoad() {
  const scripts = ['ads-with-campaigns', 'monthly-budget'].flatMap((name) => ['-f', `sql/pgbench/${name}.sql`])
  const child = spawn('pgbench', ['-n', '-c', '2', '-T', '600', '--max-tries=1', ...scripts, url ?? ''])
  const ended = once(child, 'close')
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += String(text)))
  return {
    isRunning: () => child.exitCode === null,
    async stop() {
      child.kill('SIGTERM')
      await ended
      return output
    },
  }
}

async function contents(sql: Sql) {
  return sql`SELECT (SELECT count(*) FROM companies) AS companies, (SELECT count(*) FROM campaigns) AS campaigns,
    (SELECT sum(hashtext(ad::text)::bigint) FROM ads ad) AS ads, (SELECT sum(hashtext(click::text)::bigint) FROM clicks click) AS clicks,
    (SELECT count(*) FROM pg_constraint WHERE conrelid IN ('companies'::regclass, 'campaigns'::regclass, 'ads'::regclass, 'clicks'::regclass)) AS constraints`
}

forEachApp(({ serve }) => {
  test(
    'a real Citus grows and rebalances under load, keeps every row, and holds further scale-outs',
    { skip },
    async (t) => {
      const sql = connect(url ?? '', { connection: { search_path: 'public' } })
      const { close } = await openRealCluster(url ?? '')
      let added: string | undefined
      // Restores the cluster for the next test, whatever fails.
      t.after(async () => {
        try {
          if (added) await shrink(sql, url ?? '', added)
          await sql`DROP TABLE IF EXISTS clicks, ads, campaigns, companies`
        } finally {
          await sql.end()
          await close()
        }
      })
      await within(120_000, growUnderLoad) // from its turn on: the wait for other tests is not part of it

      async function growUnderLoad() {
        for (const name of ['03-example-schema', '04-example-distribution']) await psql(...file(name))
        await psql('-v', 'companies=40', ...file('sample-data'))
        await recordWorkers(sql)
        const before = await contents(sql)
        const { post, get } = await serve(t, {
          CLUSTER_KIND: 'citus',
          CLUSTER_NAME: 'demo',
          PG_CONNECTION_URL: url,
          CITUS_WORKER_POOL: `127.0.0.1:1,${pool ?? ''}`,
          SCALE_OUT_MAX_STEP: '1',
          SCALE_OUT_COOLDOWN_MINUTES: '0',
        })
        const load = startLoad()
        try {
          const grown = await post('scale-out')
          assert.equal(grown.reason, 'scaling-out', grown.message)
          added = String(grown.added)
          assert.equal(added, pool?.split(',')[0])
          assert.match(grown.text, /"skipped":\[{"server":"127.0.0.1:1","reason":"does not answer/)
          assert.equal((await post('scale-out')).reason, 'rebalance-pending')

          const spread = await post('rebalance')
          assert.equal(spread.reason, 'rebalancing', spread.message)
          assert.equal((await post('scale-out')).reason, 'rebalance-pending')
          await finishRebalance(sql)
          assert.equal((await post('rebalance')).reason, 'balanced')
          assert.match((await get('status')).text, new RegExp(`"node":"${added}","shardGroups":[1-9]`))
          assert.deepEqual(await contents(sql), before)
          assert.ok(load.isRunning(), 'pgbench gave up')
        } finally {
          const output = await load.stop()
          assert.doesNotMatch(output, /ERROR|aborted/)
        }
      }
    },
  )
})
