import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { createDatabase } from '../database.ts'
import { readPayload } from '../payloads/read-payload.ts'
import { recordOf, withArm } from './arm.ts'

async function startInstance(t: TestContext, settings: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, ['test/functions/instance.ts'], {
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill())
  child.stdout.setEncoding('utf8')
  return String(await once(child.stdout, 'data')).trim()
}

async function reasonOf(instance: string, path: string): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${instance}/api/${path}`, {
    method: 'POST',
    headers,
    body: readPayload('grafana-firing'),
  })
  return `${response.status} ${/"reason":"([\w-]+)"/.exec(await response.text())?.[1] ?? 'none'}`
}

test('two instances and hundreds of notifications: one deployment, one rebalance job', async (t) => {
  const { url, sql, drop } = await createDatabase()
  t.after(drop)
  await sql`SELECT citus_set_node_property('worker-2', 5432, 'shouldhaveshards', false)`
  await sql`CREATE TABLE events (tenant_id int PRIMARY KEY)`
  await sql`SELECT create_distributed_table('events', 'tenant_id')`
  const { arm, settings } = await withArm(t)
  const both = { ...settings, PG_CONNECTION_URL: url }
  const instances = await Promise.all([startInstance(t, both), startInstance(t, both)])
  const flood = async (path: string) => {
    const posts = Array.from({ length: 300 }, (_, index) => reasonOf(instances[index % 2] ?? '', path))
    return Map.groupBy(await Promise.all(posts), (reason) => reason)
  }

  const growth = await flood('scale-out')
  assert.equal(growth.get('202 scaling-out')?.length, 1)
  assert.equal(growth.get('200 operation-in-progress')?.length, 299)
  assert.equal(recordOf(arm)?.tags.to, '4')

  await sql`SELECT citus_set_node_property('worker-2', 5432, 'shouldhaveshards', true)`
  const spread = await flood('rebalance')
  assert.equal(spread.get('202 rebalancing')?.length, 1)
  assert.equal(spread.get('200 rebalance-running')?.length, 299)
  assert.equal((await sql`SELECT FROM pg_dist_background_job`).length, 1)
})
