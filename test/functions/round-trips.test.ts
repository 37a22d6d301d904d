import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { unbalanced } from '../citus/unbalanced.ts'
import { withArm } from './arm.ts'
import { forEachApp } from './serve.ts'
import { databaseProxy } from './database-proxy.ts'

/** The first byte of Terminate. */
const goodbye = 0x58

/** ReadyForQuery: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const isReadyForQuery = (chunk: Buffer) => chunk.at(-6) === 0x5a && chunk.readUInt32BE(chunk.length - 5) === 5

/** A proxy for the database that counts how often a client that has logged in waits for an answer: each time it speaks after the server has. */
async function countedWayTo(t: TestContext, url: string) {
  let trips = 0
  const proxy = await databaseProxy(t, url, (client, upstream) => {
    let isIn = false
    let isServersTurn = false
    client.on('data', (chunk) => {
      if (isIn && !isServersTurn && chunk[0] !== goodbye) trips += 1
      isServersTurn = true
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      isIn ||= isReadyForQuery(chunk)
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
  test('a decision asks ARM twice, and the coordinator once where its plan is known; a rebalance that starts asks it thrice', async (t) => {
    const { url } = await unbalanced(t)
    const { arm, settings } = await withArm(t)
    const database = await countedWayTo(t, url)
    const { post } = await serve(t, { ...settings, PG_CONNECTION_URL: database.proxy })
    await post('scale-out')

    const asked = arm.requests.length
    assert.equal(
      await database.during(async () => assert.equal((await post('scale-out')).reason, 'rebalance-pending')),
      1,
    )
    assert.equal(arm.requests.length - asked, 2)

    // It looks, signs in on a connection of its own, and starts; a fourth, for the disks, is under way beside that.
    assert.equal(await database.during(async () => assert.equal((await post('rebalance')).reason, 'rebalancing')), 4)
    assert.equal(
      await database.during(async () => assert.equal((await post('rebalance')).reason, 'rebalance-running')),
      1,
    )
  })

  test('a start costs one request more than its three, the first look that the SDK takes of its own', async (t) => {
    const { arm, settings } = await withArm(t)
    const { post } = await serve(t, settings)
    assert.equal((await post('scale-out')).reason, 'scaling-out')
    assert.deepEqual(
      arm.requests.map(({ method }) => method),
      ['GET', 'GET', 'PUT', 'GET'],
    )
  })
})
