import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { refusesLogin } from '../citus/socket-server.ts'
import { balanced, unbalanced } from '../citus/unbalanced.ts'
import { manualClock } from '../local/arm/manual-clock.ts'
import { flood } from '../in-full.ts'
import { acceptedDeployments, recordOf, withArm } from './arm.ts'
import { forEachApp } from './serve.ts'
import { passOn, databaseProxy } from './database-proxy.ts'

const minutes = 60_000

/** A proxy for the database that, while overloaded, refuses logins like a server without a free connection. */
async function overloadedProxy(t: TestContext, url: string) {
  let isOverloaded = true
  const clients = new Set<Socket>()
  const refuse = refusesLogin('53300', 'sorry, too many clients already')
  const proxy = await databaseProxy(t, url, (client, upstream) => {
    if (isOverloaded) return refuse(client)
    clients.add(client)
    passOn(client, upstream)
  })
  return {
    proxy,
    relieve: () => (isOverloaded = false),
    overload: () => {
      isOverloaded = true
      for (const client of clients) client.destroy()
    },
  }
}

forEachApp(({ serve }) => {
  test('while the coordinator is overloaded only one scale-out starts; the next starts after it has answered', async (t) => {
    const clock = manualClock()
    const { url } = await balanced(t)
    const { proxy, relieve, overload } = await overloadedProxy(t, url)
    const { arm, settings } = await withArm(t, { clock })
    const now = () => new Date(clock.now())
    const { post, get } = await serve(t, { ...settings, PG_CONNECTION_URL: proxy }, now)
    const deploymentEnds = async () => {
      clock.advance(10 * minutes)
      await arm.settled()
    }

    const blind = await post('scale-out')
    assert.deepEqual([blind.status, blind.reason], [202, 'scaling-out'])
    assert.match(blind.warnings?.join() ?? '', /without the coordinator.*53300/)
    assert.equal(recordOf(arm)?.tags.blind, 'true')
    await deploymentEnds()
    assert.equal((await post('scale-out')).reason, 'cooling-down')
    for (let hour = 0; hour < 12; hour++) {
      clock.advance(60 * minutes)
      const silent = await post('scale-out')
      assert.deepEqual([silent.status, silent.outcome, silent.reason], [200, 'held', 'coordinator-silent'])
      assert.match(silent.message, /53300/)
      assert.equal((await post('rebalance')).reason, 'citus-unavailable')
    }
    assert.equal((await get('status')).next?.reason, 'coordinator-silent')
    assert.equal(acceptedDeployments(arm), 1)

    relieve()
    const seeing = await post('scale-out')
    assert.deepEqual([seeing.reason, seeing.warnings], ['scaling-out', undefined], seeing.message)
    assert.equal(recordOf(arm)?.tags.blind, undefined)
    await deploymentEnds()
    overload()
    assert.equal((await post('scale-out')).reason, 'cooling-down')
    clock.advance(15 * minutes)
    assert.equal((await post('scale-out')).reason, 'scaling-out')
    await deploymentEnds()
    clock.advance(15 * minutes)
    assert.equal((await post('scale-out')).reason, 'coordinator-silent')
    assert.equal(acceptedDeployments(arm), 3)
  })

  const slow = `
    ALTER FUNCTION autoscaler.read_cluster(name) RENAME TO read_cluster_now;
    CREATE FUNCTION autoscaler.read_cluster(strategy name) RETURNS json LANGUAGE sql AS
    'SELECT autoscaler.read_cluster_now(strategy) FROM (SELECT pg_sleep(1)) AS slept'`

  test(`${flood} notifications at once and a catalogue query of one second: one deployment, not marked blind`, async (t) => {
    const { url, sql } = await balanced(t)
    const { arm, settings } = await withArm(t)
    const { post } = await serve(t, { ...settings, PG_CONNECTION_URL: url })
    await sql.unsafe(slow)
    const answers = await Promise.all(Array.from({ length: flood }, () => post('scale-out')))
    const counts = Map.groupBy(answers, ({ reason }) => reason)
    assert.deepEqual(
      [counts.get('scaling-out')?.length, counts.get('operation-in-progress')?.length],
      [1, flood - 1],
      [...counts.keys()].join(),
    )
    assert.ok(answers.every(({ warnings }) => warnings === undefined))
    assert.equal(acceptedDeployments(arm), 1)
    assert.equal(recordOf(arm)?.tags.blind, undefined)
  })

  test(`${flood} notifications at once, a slow catalogue query and an empty worker: no deployment`, async (t) => {
    const { url, sql } = await unbalanced(t)
    const { arm, settings } = await withArm(t)
    const { post } = await serve(t, { ...settings, PG_CONNECTION_URL: url })
    await sql.unsafe(slow)
    const answers = await Promise.all(Array.from({ length: flood }, () => post('scale-out')))
    assert.deepEqual([...new Set(answers.map(({ reason }) => reason))], ['rebalance-pending'])
    assert.equal(acceptedDeployments(arm), 0)
  })
})
