import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { unbalanced } from '../citus/unbalanced.ts'
import { withArm } from './arm.ts'
import { forEachApp } from './serve.ts'
import { databaseProxy } from './database-proxy.ts'

/** The first byte of a Terminate message. */
const terminate = 0x58

/** ReadyForQuery: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const isReadyForQuery = (chunk: Buffer) => chunk.at(-6) === 0x5a && chunk.readUInt32BE(chunk.length - 5) === 5

/** A proxy for the database that counts round trips after login: each time that a client sends something after the server did. */
async function countingProxy(t: TestContext, url: string) {
  let trips = 0
  const proxy = await databaseProxy(t, url, (client, upstream) => {
    let isLoggedIn = false
    let isServersTurn = false
    client.on('data', (chunk) => {
      if (isLoggedIn && !isServersTurn && chunk[0] !== terminate) trips += 1
      isServersTurn = true
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      isLoggedIn ||= isReadyForQuery(chunk)
      isServersTurn = false
      client.write(chunk)
    })
  })
  return {
    proxy,
    async during(work: () => Promise<unknown>) {
      const before = trips
      await work()
      return trips - before
    },
  }
}

forEachApp(({ serve }) => {
  test('a decision takes two requests to ARM and, with a known plan, one round trip to the coordinator; starting a rebalance takes four', async (t) => {
    const { url } = await unbalanced(t)
    const { arm, settings } = await withArm(t)
    const database = await countingProxy(t, url)
    const { post } = await serve(t, { ...settings, PG_CONNECTION_URL: database.proxy })
    await post('scale-out')

    const asked = arm.requests.length
    assert.equal(
      await database.during(async () => assert.equal((await post('scale-out')).reason, 'rebalance-pending')),
      1,
    )
    assert.equal(arm.requests.length - asked, 2)

    // It reads the state, logs in on a second connection and starts; a fourth reads the disks at the same time.
    assert.equal(await database.during(async () => assert.equal((await post('rebalance')).reason, 'rebalancing')), 4)
    assert.equal(
      await database.during(async () => assert.equal((await post('rebalance')).reason, 'rebalance-running')),
      1,
    )
  })

  test('a start takes four requests to ARM: two reads, the PUT, and the first poll of the SDK', async (t) => {
    const { arm, settings } = await withArm(t)
    const { post } = await serve(t, settings)
    assert.equal((await post('scale-out')).reason, 'scaling-out')
    assert.deepEqual(
      arm.requests.map(({ method }) => method),
      ['GET', 'GET', 'PUT', 'GET'],
    )
  })
})
