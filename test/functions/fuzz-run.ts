// Posts mutated and garbage notifications to an instance of the source, or of the bundle in the given folder, and prints the counts of answers
// and the instance's heap in bytes over time. It runs outside node's test runner, which tracks every promise and doubles the time.
//   node test/functions/fuzz-run.ts COUNT [FOLDER]
import { once } from 'node:events'
import { Agent, IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import * as z from 'zod'
import { anyText } from '../any-text.ts'
import { readPayload } from '../payloads/read-payload.ts'
import { acceptedDeployments, startArm } from './arm.ts'
import { completeSettings } from './serve.ts'
import { startInstance } from './start-instance.ts'

const [given, folder] = process.argv.slice(2)
const runs = Number(given)
const atOnce = 50

// Mostly a payload that needs no upstream: the parsing of requests is under test.
const payload = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.constantFrom(...['grafana-firing', 'alertmanager-firing', 'grafana-rebalance'].map(readPayload)),
  },
  { weight: 9, arbitrary: fc.constant(readPayload('grafana-test-button')) },
)

/** A valid notification with one change: a value replaced, a key removed, the text cut off or something inserted. */
const mutated = fc
  .tuple(payload, fc.nat(), fc.jsonValue(), fc.constantFrom('replace', 'remove', 'cut', 'splice'))
  .map(([payload, place, value, how]) => {
    const spot = place % payload.length
    if (how === 'cut') return payload.slice(0, spot)
    if (how === 'splice') return payload.slice(0, spot) + JSON.stringify(value) + payload.slice(spot + 1)
    let index = 0
    return JSON.stringify(JSON.parse(payload), (_key, member: unknown) =>
      index++ === place % 40 && index > 1 ? (how === 'remove' ? undefined : value) : member,
    )
  })
const garbage = fc.oneof(fc.json(), fc.string(), anyText)
const body = fc.oneof({ weight: 3, arbitrary: mutated }, { weight: 1, arbitrary: garbage })
const samples = fc.sample(fc.tuple(fc.constantFrom('scale-out', 'rebalance'), body), { numRuns: runs, seed: 20261122 })

const arm = await startArm()
const settings = { ...completeSettings, AZURE_RESOURCE_MANAGER_ENDPOINT: arm.endpoint }
const instance = await startInstance(settings, folder)
const statuses: Record<string, number> = {}
const heap: number[] = []
let deployments = 0

// node:http, because fetch would double the time.
const agent = new Agent({ keepAlive: true, maxSockets: atOnce })

async function post([path, body]: readonly [string, string]): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const posted = request(`${instance.url}/api/${path}`, { method: 'POST', agent, headers }).end(body)
  const [response] = z.tuple([z.instanceof(IncomingMessage)]).parse(await once(posted, 'response'))
  const key = `${response.statusCode} ${/"reason":"([\w-]+)"/.exec(await text(response))?.[1] ?? 'no answer of the app'}`
  statuses[key] = (statuses[key] ?? 0) + 1
}

for (let from = 0; from < runs; from += atOnce) {
  await Promise.all(samples.slice(from, from + atOnce).map(post))
  deployments += acceptedDeployments(arm)
  arm.requests.length = 0
  if (from % (runs / 10) === 0) heap.push(await instance.heap())
}
console.log(JSON.stringify({ statuses, heap, deployments }))
await instance.stop()
process.exit()
