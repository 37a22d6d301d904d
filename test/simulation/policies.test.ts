import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LastScaleOut } from '../../src/scaling/cluster-state.ts'
import type { ScalingPolicy } from '../../src/scaling/policy.ts'
import { policiesFor } from '../../src/simulation/policies.ts'
import { defaultPolicy } from '../scaling/default-policy.ts'
import { levels } from './simulated-world.ts'

const settings: ScalingPolicy = { ...defaultPolicy, targetCpuPercent: 60 }
const minutesAgo = (minutes: number) => new Date(-minutes * 60_000)

type Situation = {
  workers: number
  cpu: number | undefined
  lastScaleOut?: LastScaleOut
  largest?: number
  lowest?: number | undefined
  settledSince?: number | undefined
}

function wanted(
  name: string,
  { workers, cpu, lastScaleOut = { kind: 'none' }, largest = Infinity, ...rest }: Situation,
) {
  const policy = policiesFor(settings, levels([1000, 10])).find((candidate) => candidate.name === name)
  const order = policy?.decide({
    now: new Date(0),
    minute: 0,
    state: { workers, condition: { kind: 'ready' }, lastScaleOut, sizes: { smallest: 2, largest } },
    coordinator: () => ({ kind: 'silent', message: '' }),
    settledSince: () => ('settledSince' in rest ? rest.settledSince : -Infinity),
    cpu,
    lowestCpu: () => ('lowest' in rest ? rest.lowest : cpu),
  })
  return order?.to
}

// The formula: desired = ceil(current × metric / target), with a tolerance of 10 %.
const horizontal: { name: string; workers: number; cpu: number | undefined; to: number | undefined }[] = [
  { name: 'at the target', workers: 4, cpu: 60, to: undefined },
  { name: 'within the tolerance', workers: 4, cpu: 65.9, to: undefined },
  { name: 'just above the tolerance', workers: 4, cpu: 66.1, to: 5 },
  { name: 'far above the tolerance', workers: 4, cpu: 100, to: 7 },
  { name: 'below the target: no worker is removed', workers: 4, cpu: 10, to: undefined },
  { name: 'no metric', workers: 4, cpu: undefined, to: undefined },
  { name: 'limited to the maximum', workers: 18, cpu: 100, to: 20 },
]

for (const { name, workers, cpu, to } of horizontal)
  test(`the formula of Kubernetes' HPA: ${name}`, () => assert.equal(wanted('hpa', { workers, cpu }), to))

const running: LastScaleOut = { kind: 'running', detail: '' }
const endedAgo = (minutes: number): LastScaleOut => ({ kind: 'succeeded', endedAt: minutesAgo(minutes) })

const published: { title: string; name: string; situation: Situation; to: number | undefined }[] = [
  {
    title: 'Aeon: above 65 % for 15 minutes',
    name: 'aeon',
    situation: { workers: 4, cpu: 90, lowest: 66 },
    to: 5,
  },
  {
    title: 'Aeon: above 65 % for less than 15 minutes',
    name: 'aeon',
    situation: { workers: 4, cpu: 90, lowest: 64 },
    to: undefined,
  },
  {
    title: 'Aeon: a minute is missing',
    name: 'aeon',
    situation: { workers: 4, cpu: 90, lowest: undefined },
    to: undefined,
  },
  {
    title: 'Aeon: the cooldown starts when the cluster is balanced',
    name: 'aeon',
    situation: { workers: 4, cpu: 90, lastScaleOut: endedAgo(60), settledSince: -14 * 60 },
    to: undefined,
  },
  {
    title: 'Aeon: the cooldown has ended',
    name: 'aeon',
    situation: { workers: 4, cpu: 90, lastScaleOut: endedAgo(60), settledSince: -15 * 60 },
    to: 5,
  },
  {
    title: 'Aeon: still balancing',
    name: 'aeon',
    situation: { workers: 4, cpu: 90, lastScaleOut: endedAgo(60), settledSince: undefined },
    to: undefined,
  },
  { title: 'Spanner: within its band', name: 'spanner', situation: { workers: 4, cpu: 70 }, to: undefined },
  { title: 'Spanner: above its band', name: 'spanner', situation: { workers: 4, cpu: 70.1 }, to: 6 },
  { title: 'Spanner: overloaded', name: 'spanner', situation: { workers: 4, cpu: 90.1 }, to: 9 },
  {
    title: 'Spanner: in the cooldown of five minutes',
    name: 'spanner',
    situation: { workers: 4, cpu: 80, lastScaleOut: endedAgo(4) },
    to: undefined,
  },
  {
    title: 'Spanner: the cooldown has ended',
    name: 'spanner',
    situation: { workers: 4, cpu: 80, lastScaleOut: endedAgo(5) },
    to: 6,
  },
  { title: 'mercari: below its target', name: 'mercari', situation: { workers: 4, cpu: 59.9 }, to: undefined },
  { title: 'mercari: one more worker at its target', name: 'mercari', situation: { workers: 4, cpu: 60 }, to: 5 },
  {
    title: 'mercari: in proportion, without a step limit',
    name: 'mercari',
    situation: { workers: 10, cpu: 100 },
    to: 17,
  },
]
for (const { title, name, situation, to } of published)
  test(`published policies: ${title}`, () => assert.equal(wanted(name, situation), to))

test('policies that poll, and `cooldown`, do nothing while a deployment runs', () => {
  for (const name of ['hpa', 'aeon', 'spanner', 'mercari', 'oracle', 'cooldown'])
    assert.equal(wanted(name, { workers: 4, cpu: 100, lastScaleOut: running }), undefined, name)
})

test('no policy asks for more than the largest size', () => {
  for (const { name } of policiesFor(settings, levels([1000, 10])))
    assert.equal(wanted(name, { workers: 4, cpu: 100, largest: 4 }), undefined, name)
})

test('the policy `webhook` asks for one more while a deployment runs, up to the maximum', () => {
  assert.equal(wanted('webhook', { workers: 4, cpu: 85, lastScaleOut: running }), 5)
  assert.equal(wanted('webhook', { workers: 20, cpu: 85 }), undefined)
})
