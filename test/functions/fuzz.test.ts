import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import * as z from 'zod'
import { readPayload } from '../payloads/read-payload.ts'
import { recordOf, withArm } from './arm.ts'
import { serve } from './serve.ts'

// Mostly one that asks no upstream: what is fuzzed is the way in.
const payload = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('grafana-firing', 'alertmanager-firing') },
  { weight: 9, arbitrary: fc.constant('grafana-test-button') },
)

/** A valid notification with something in it changed: a value replaced, a key gone, a character lost. */
const mutated = fc
  .tuple(payload.map(readPayload), fc.nat(), fc.jsonValue(), fc.constantFrom('replace', 'remove', 'cut', 'splice'))
  .map(([payload, place, value, how]) => {
    const spot = place % payload.length
    if (how === 'cut') return payload.slice(0, spot)
    if (how === 'splice') return payload.slice(0, spot) + JSON.stringify(value) + payload.slice(spot + 1)
    let index = 0
    return JSON.stringify(JSON.parse(payload), (_key, member: unknown) =>
      index++ === place % 40 && index > 1 ? (how === 'remove' ? undefined : value) : member,
    )
  })
const garbage = fc.oneof(fc.json(), fc.string(), fc.string({ unit: 'binary' }))
const body = fc.oneof({ weight: 3, arbitrary: mutated }, { weight: 1, arbitrary: garbage })
const path = fc.constantFrom('scale-out', 'rebalance')

const runs = 20_000
const atOnce = 50

test(`${runs} notifications, mutated and garbage: no 5xx from a healthy upstream, one deployment, no memory lost`, async (t) => {
  const { arm, settings } = await withArm(t)
  const { post, log } = await serve(t, settings)
  const samples = fc.sample(fc.tuple(path, body), { numRuns: runs, seed: 20261122 })
  const statuses = new Map<string, number>()
  const memory: number[] = []
  for (let from = 0; from < runs; from += atOnce) {
    const answers = await Promise.all(samples.slice(from, from + atOnce).map(([name, text]) => post(name, text)))
    for (const { status, reason } of answers) {
      const key = `${status} ${reason}`
      statuses.set(key, (statuses.get(key) ?? 0) + 1)
    }
    log.length = 0
    arm.requests.length = 0
    if (from % 2000 === 0) memory.push(heapAfterCollection())
  }
  // The database is the upstream that is broken on purpose here: it is not there.
  const bad = [...statuses.keys()].filter((key) => /^5/.test(key) && key !== '503 citus-unavailable')
  assert.deepEqual(bad, [], JSON.stringify([...statuses]))
  assert.equal(statuses.get('202 scaling-out'), 1)
  t.diagnostic(JSON.stringify([...statuses]))
  for (const reason of ['400 bad-request', '200 test-alert', '200 operation-in-progress'])
    assert.ok((statuses.get(reason) ?? 0) > 100, JSON.stringify([...statuses]))
  const [, settled = 0] = memory
  const last = memory.at(-1) ?? 0
  assert.ok(last < settled * 1.2, `heap in bytes: ${memory.join(', ')}`)
  await post('scale-out')
  assert.equal(arm.requests.filter(({ method }) => method === 'PUT').length, 0)
  assert.ok(recordOf(arm) === undefined || recordOf(arm)?.provisioningState === 'Running')
})

setFlagsFromString('--expose-gc')
const collect = z.custom<() => void>((value) => typeof value === 'function').parse(runInNewContext('gc'))

function heapAfterCollection(): number {
  collect()
  return process.memoryUsage().heapUsed
}
