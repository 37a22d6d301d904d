import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { recordWorkers } from '../citus/clusters.ts'
import { poolServers } from '../citus/pool.ts'
import { createDatabase } from '../database.ts'
import { flood } from '../in-full.ts'
import { acceptedDeployments, recordOf, withArm } from './arm.ts'
import { forEachApp, notificationFor, type App } from './serve.ts'

/** Starts two instances, which end with the test. */
async function startTwo(t: TestContext, app: App, settings: Record<string, string>): Promise<string[]> {
  const instances = await Promise.all([app.start(settings), app.start(settings)])
  for (const { stop } of instances) t.after(stop)
  return instances.map(({ url }) => url)
}

async function reasonOf(instance: string, path: string): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${instance}/api/${path}`, {
    method: 'POST',
    headers,
    body: notificationFor(path),
  })
  return `${response.status} ${/"reason":"([\w-]+)"/.exec(await response.text())?.[1] ?? 'none'}`
}

async function postToBoth(instances: readonly string[], path: string) {
  const answers = Array.from({ length: flood }, (_, index) => reasonOf(instances[index % instances.length] ?? '', path))
  return Map.groupBy(await Promise.all(answers), (reason) => reason)
}

forEachApp((app) => {
  test(`two instances and ${flood} notifications make one deployment and one rebalance job`, async (t) => {
    const { url, sql, drop } = await createDatabase()
    t.after(drop)
    await sql`SELECT citus_set_node_property('worker-2', 5432, 'shouldhaveshards', false)`
    await sql`CREATE TABLE events (tenant_id int PRIMARY KEY)`
    await sql`SELECT create_distributed_table('events', 'tenant_id')`
    const { arm, settings } = await withArm(t)
    const both = { ...settings, PG_CONNECTION_URL: url }
    const instances = await startTwo(t, app, both)
    const growth = await postToBoth(instances, 'scale-out')
    // If a PUT times out on a busy machine but the deployment exists, the answer is scaling-out, too.
    assert.deepEqual([...growth.keys()].sort(), ['200 operation-in-progress', '202 scaling-out'])
    assert.equal(acceptedDeployments(arm), 1)
    assert.equal(recordOf(arm)?.tags.to, '3')

    await sql`SELECT citus_set_node_property('worker-2', 5432, 'shouldhaveshards', true)`
    const spread = await postToBoth(instances, 'rebalance')
    assert.equal(spread.get('202 rebalancing')?.length, 1)
    assert.equal(spread.get('200 rebalance-running')?.length, flood - 1)
    assert.equal((await sql`SELECT FROM pg_dist_background_job`).length, 1)
  })

  test(`two instances of kind citus and ${flood} notifications add one server of the pool`, async (t) => {
    const { url, sql, drop } = await createDatabase()
    t.after(drop)
    await sql`CREATE TABLE events (tenant_id int PRIMARY KEY)`
    await sql`SELECT create_distributed_table('events', 'tenant_id')`
    await recordWorkers(sql)
    const addresses = await poolServers(t, url, 2)
    const settings = {
      CLUSTER_KIND: 'citus',
      CLUSTER_NAME: 'demo',
      PG_CONNECTION_URL: url,
      CITUS_WORKER_POOL: addresses.join(','),
      SCALE_OUT_MAX_STEP: '1',
    }
    const instances = await startTwo(t, app, settings)
    const growth = await postToBoth(instances, 'scale-out')
    assert.equal(growth.get('202 scaling-out')?.length, 1)
    const held = ['200 operation-in-progress', '200 rebalance-pending'].map((reason) => growth.get(reason)?.length ?? 0)
    assert.equal((held[0] ?? 0) + (held[1] ?? 0), flood - 1)
    const added = await sql`SELECT FROM pg_dist_node WHERE groupid > 2`
    assert.equal(added.length, 1)
  })
})
