import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LastScaleOut } from '../../src/scaling/cluster-state.ts'
import { policiesFor } from '../../src/simulation/policies.ts'
import { defaultPolicy } from '../scaling/default-policy.ts'
import { levels } from './simulated-world.ts'

function wanted(
  name: string,
  workers: number,
  cpu: number | undefined,
  lastScaleOut: LastScaleOut = { kind: 'none' },
  largest = Infinity,
) {
  const policy = policiesFor(defaultPolicy, levels([1000, 10]), 80).find((candidate) => candidate.name === name)
  const order = policy?.decide({
    now: new Date(0),
    minute: 0,
    state: { workers, condition: { kind: 'ready' }, lastScaleOut, sizes: { smallest: 2, largest } },
    topology: () => undefined,
    cpu,
  })
  return order?.to
}

// The figures of the formula's own page: desired = ceil(current × metric / target), within a tolerance of 10 %.
const horizontal: { name: string; workers: number; cpu: number | undefined; to: number | undefined }[] = [
  { name: 'at the target', workers: 4, cpu: 60, to: undefined },
  { name: 'within the tolerance', workers: 4, cpu: 65.9, to: undefined },
  { name: 'just beyond it', workers: 4, cpu: 66.1, to: 5 },
  { name: 'far beyond it', workers: 4, cpu: 100, to: 7 },
  { name: 'below the target, which cannot be followed', workers: 4, cpu: 10, to: undefined },
  { name: 'no metric', workers: 4, cpu: undefined, to: undefined },
  { name: 'beyond the maximum', workers: 18, cpu: 100, to: 20 },
]

for (const { name, workers, cpu, to } of horizontal)
  test(`the horizontal pod autoscaler's formula: ${name}`, () => assert.equal(wanted('hpa', workers, cpu), to))

test('the horizontal pod autoscaler waits for what is on its way', () =>
  assert.equal(wanted('hpa', 4, 100, { kind: 'running', detail: '' }), undefined))

test('no policy asks for more than the largest size there is', () => {
  for (const name of ['webhook', 'cooldown', 'hpa', 'oracle'])
    assert.equal(wanted(name, 4, 100, { kind: 'none' }, 4), undefined, name)
})

test('a plain webhook asks for one more even then, until the maximum', () => {
  assert.equal(wanted('webhook', 4, 85, { kind: 'running', detail: '' }), 5)
  assert.equal(wanted('webhook', 20, 85), undefined)
})
