import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scalingPolicy } from '../../src/functions/scaling-policy.ts'
import { ours } from '../../src/simulation/policies.ts'
import { runPolicy } from '../../src/simulation/run-policy.ts'
import { firingRules } from '../../src/simulation/shipped-rule.ts'
import { splitTime } from '../../src/simulation/split-time.ts'
import { levels, simulatedWorld } from './simulated-world.ts'

async function splitOf(
  parts: readonly (readonly [level: number, minutes: number])[],
  faults: { deploymentFails?: number } = {},
) {
  const world = await simulatedWorld({ faults })
  const run = runPolicy(ours(scalingPolicy(world.settings)), levels(...parts), world)
  return { run, times: splitTime(run, firingRules(world.alerting)) }
}

test('the phases of a growth have the times of the run', async () => {
  const { run, times } = await splitOf([
    [116, 120],
    [348, 300],
  ])
  const [time] = times
  const [growth] = run.growths
  assert.equal(times.length, 1)
  assert.ok(time && growth?.rebalance?.endedAt && run.notifiedAt[0])
  assert.equal(time.crossedAt, 120)
  assert.ok(Math.abs(time.detect - (run.notifiedAt[0] / 60 - 120)) < 1e-9)
  assert.equal(time.decide, 0)
  const parts = time.detect + time.decide + time.provision + (time.move ?? NaN)
  assert.ok(
    Math.abs(parts - (growth.rebalance.endedAt / 60 - 120)) < 1e-9,
    'the phases do not add up to the whole time',
  )
  assert.ok(time.relief !== null && time.relief > time.detect + time.provision && time.relief <= parts + 1)
})

test('with a growing load, each growth is counted from the one before', async () => {
  const { times } = await splitOf([
    [200, 60],
    [700, 300],
  ])
  assert.ok(times.length > 1)
  assert.ok(times.every(({ crossedAt }, index) => index === 0 || crossedAt > (times[index - 1]?.crossedAt ?? 0)))
})

test('when the load ends as the workers come, move and relief are null', async () => {
  const { run } = await splitOf([
    [116, 60],
    [348, 60],
  ])
  const workersAt = Math.ceil((run.growths[0]?.endsAt ?? NaN) / 60)
  const { times } = await splitOf([
    [116, 60],
    [348, workersAt + 2 - 60],
  ])
  assert.deepEqual(
    times.map(({ move, relief }) => ({ move, relief })),
    [{ move: null, relief: null }],
  )
})
