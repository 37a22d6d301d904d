import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { scalingPolicy } from '../../src/functions/scaling-policy.ts'
import type { Load } from '../../src/simulation/load.ts'
import { ours, policiesFor } from '../../src/simulation/policies.ts'
import { runPolicy, type Run, type World } from '../../src/simulation/run-policy.ts'
import { findViolations } from '../../src/simulation/find-violations.ts'
import { grossFaults } from '../../src/simulation/world-facts.ts'
import { levels, simulatedWorld } from './simulated-world.ts'

const runOurs = (load: Load, world: World) => runPolicy(ours(scalingPolicy(world.settings)), load, world)

function runNamed(name: string, load: Load, world: World): Run {
  const policies = policiesFor(scalingPolicy(world.settings), load)
  const policy = policies.find((candidate) => candidate.name === name)
  assert.ok(policy, `a policy ${name}`)
  return runPolicy(policy, load, world)
}

const figures = ({ log, growths, refused, notifiedAt }: Run) => ({ log, growths, refused, notifiedAt })

test('the same seed gives the same run, another seed another run', async () => {
  const load = levels([120, 60], [360, 600])
  const world = await simulatedWorld({ faults: grossFaults })
  assert.deepEqual(figures(runOurs(load, world)), figures(runOurs(load, world)))
  assert.notDeepEqual(figures(runOurs(load, world)), figures(runOurs(load, { ...world, seed: 2 })))
})

for (const kind of ['cosmosdb-postgresql', 'elastic-cluster', 'citus'])
  test(`three times the load: one scale-out of ${kind} to the size that the target asks for, and relief`, async () => {
    const world = await simulatedWorld({
      settings: { CLUSTER_KIND: kind, CITUS_WORKER_POOL: 'a:5432,b:5432,c:5432,d:5432' },
    })
    const { growths, log, notifiedAt } = runOurs(levels([116, 120], [348, 300]), world)
    assert.deepEqual(
      growths.map(({ from, to }) => ({ from, to })),
      [{ from: 4, to: 6 }],
    )
    const [growth] = growths
    assert.ok(growth?.rebalance?.endedAt)
    const needed = growth.endsAt - growth.acceptedAt + growth.rebalance.endedAt - growth.rebalance.startedAt
    const stillOver = log.feltCpu.findLastIndex((cpu) => cpu > 80)
    assert.ok(
      (stillOver + 1) * 60 - (notifiedAt[0] ?? 0) <= 1.1 * needed + 60,
      'relief takes longer than 1.1 × (provisioning + rebalance)',
    )
  })

test('work beyond the capacity waits, and is done after the growth', async () => {
  const { log } = runOurs(levels([200, 60], [520, 240]), await simulatedWorld({}))
  assert.equal(log.saturated[70], 1)
  assert.equal(log.saturated.at(-1), 0)
  assert.ok((log.meanCpu.at(-1) ?? 100) < 80)
})

test('without metrics there is no scale-out, and one when they arrive again', async () => {
  const load: Load = { ...levels([160, 60], [360, 600]), metricsOutages: [[50, 300]] }
  const { growths, notifiedAt } = runOurs(load, await simulatedWorld({}))
  assert.ok((notifiedAt[0] ?? 0) >= 300 * 60, `first notification at minute ${(notifiedAt[0] ?? 0) / 60}`)
  assert.equal(growths.length, 1)
})

test('while the alert fires, a lost notification is repeated at the shipped intervals', async () => {
  const { growths, notifiedAt } = runOurs(levels([120, 30], [360, 60]), await simulatedWorld({ faults: { lost: 1 } }))
  assert.equal(growths.length, 0)
  const waits = notifiedAt.slice(1).map((at, index) => at - (notifiedAt[index] ?? 0))
  assert.ok(waits.length > 10 && waits.every((wait) => wait === 180), `waits of ${waits.join(', ')} seconds`)
})

test('a failed deployment is retried after the backoff', async () => {
  const world = await simulatedWorld({ faults: { deploymentFails: 1 } })
  const { growths } = runOurs(levels([120, 30], [360, 300]), world)
  const tries = growths.map(({ attempt }) => attempt)
  assert.deepEqual(tries.slice(0, 4), [1, 2, 3, 4])
  const waits = growths.slice(1).map(({ acceptedAt }, index) => (acceptedAt - (growths[index]?.endsAt ?? 0)) / 60)
  assert.ok(
    waits.every((wait, index) => wait >= Math.min(5 * 2 ** index, 30)),
    `waits of ${waits.join(', ')} minutes`,
  )
})

test('with any load and any faults, ours starts no growth before the last has settled, except one per silence', async () => {
  let growths = 0
  let blind = 0
  const world = await simulatedWorld({})
  const probability = fc.double({ min: 0, max: 0.5, noNaN: true })
  const faults = fc.record({
    lost: probability,
    duplicated: probability,
    late: probability,
    deploymentFails: probability,
    rebalanceCancelled: probability,
    silencesAMonth: fc.integer({ min: 0, max: 300 }),
    silentWhenSaturated: fc.double({ min: 0.2, max: 1, noNaN: true }),
  })
  const part = fc.tuple(fc.integer({ min: 0, max: 2500 }), fc.integer({ min: 1, max: 400 }))
  const outage = fc.tuple(fc.nat(1500), fc.nat(300)).map(([from, length]) => [from, from + length] as const)
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 5 }),
      fc.array(outage, { maxLength: 2 }),
      faults,
      fc.nat(),
      (parts, metricsOutages, faults, seed) => {
        const load = { ...levels(...parts), metricsOutages }
        const run = runOurs(load, { ...world, faults, seed })
        growths += run.growths.length
        blind += run.growths.filter((growth) => growth.blind).length
        assert.deepEqual(findViolations(run, world.settings.SCALE_OUT_MAX_WORKERS), [])
      },
    ),
    { numRuns: 50 },
  )
  assert.ok(growths > 25 && blind > 0, `${growths} growths, ${blind} of them blind: too few to prove the property`)
})

/** The coordinator falls silent as soon as a worker is saturated. */
const silent = { silentWhenSaturated: 1 }

test('there is one growth while the coordinator is silent, and it is blind', async () => {
  const { growths, silences } = runOurs(levels([200, 30], [1500, 600]), await simulatedWorld({ faults: silent }))
  assert.ok((silences[0]?.to ?? 0) >= (silences[0]?.from ?? 0) + 3600)
  const first = silences[0] ?? { from: 0, to: 0 }
  const during = growths.filter(({ acceptedAt }) => acceptedAt >= first.from && acceptedAt < first.to)
  assert.deepEqual(
    during.map(({ blind }) => blind),
    [true],
  )
})

test('a self-managed cluster does not grow while its coordinator is silent', async () => {
  const pool = { CLUSTER_KIND: 'citus', CITUS_WORKER_POOL: 'a:5432,b:5432' }
  const world = await simulatedWorld({ settings: pool, faults: silent })
  const { growths, silences } = runOurs(levels([200, 30], [500, 60]), world)
  assert.equal(silences.length, 1)
  assert.equal(growths.length, 0)
})

test('after a person stops the rebalance, no rebalance and no growth starts for a day', async () => {
  const world = await simulatedWorld({ faults: { rebalanceCancelled: 1 } })
  const { growths, log } = runOurs(levels([200, 30], [520, 24 * 60]), world)
  assert.equal(growths.length, 1)
  assert.equal(growths[0]?.rebalance?.endedAt, undefined)
  assert.ok((log.feltCpu.at(-1) ?? 0) > 65, 'the load is not high at the end')
})

test('the policy `webhook` starts growths before the last has settled, and asks while a deployment runs', async () => {
  const { growths, refused } = runNamed('webhook', levels([200, 60], [700, 240]), await simulatedWorld({}))
  assert.ok(growths.some(({ afterSettled }) => !afterSettled))
  assert.ok(refused > 0)
})

test('the policy `cooldown` adds one worker, and waits for the cooldown', async () => {
  const { growths, refused } = runNamed('cooldown', levels([200, 60], [700, 300]), await simulatedWorld({}))
  assert.ok(growths.length > 1)
  growths.forEach(({ from, to, acceptedAt }, index) => {
    assert.equal(to, from + 1)
    const before = growths[index - 1]
    if (before) assert.ok(acceptedAt >= before.endsAt + 15 * 60)
  })
  assert.equal(refused, 0)
})

test('the oracle is never over the threshold', async () => {
  const { log, growths } = runNamed('oracle', levels([200, 300], [700, 600]), await simulatedWorld({}))
  assert.ok(growths.length > 0)
  assert.ok(log.feltCpu.every((cpu) => cpu <= 80))
})
