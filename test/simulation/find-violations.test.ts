import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findViolations, type Violation } from '../../src/simulation/find-violations.ts'
import type { Growth } from '../../src/simulation/simulated-cluster.ts'

const growth = (change: Partial<Growth> = {}): Growth => ({
  from: 4,
  to: 5,
  attempt: 1,
  blind: false,
  acceptedAt: 1000,
  endsAt: 1600,
  succeeds: true,
  afterSettled: true,
  ...change,
})
const silences = [
  { from: 500, to: 5000 },
  { from: 9000, to: 15_000 },
]

const cases: { name: string; growths: Growth[]; kinds: Violation['kind'][] }[] = [
  { name: 'one that saw the last one settled', growths: [growth()], kinds: [] },
  { name: 'one before the last had settled', growths: [growth({ afterSettled: false })], kinds: ['before-settled'] },
  { name: 'one that could not know', growths: [growth({ afterSettled: false, blind: true })], kinds: [] },
  {
    name: 'two in one silence',
    growths: [growth({ blind: true }), growth({ blind: true, acceptedAt: 4000 })],
    kinds: ['blind-twice'],
  },
  {
    name: 'one in each silence',
    growths: [growth({ blind: true }), growth({ blind: true, acceptedAt: 10_000 })],
    kinds: [],
  },
  {
    name: 'a second one in a silence whose first failed',
    growths: [growth({ blind: true, succeeds: false }), growth({ blind: true, acceptedAt: 4000 })],
    kinds: [],
  },
  { name: 'one beyond the maximum', growths: [growth({ to: 21 })], kinds: ['beyond-maximum'] },
]

for (const { name, growths, kinds } of cases)
  test(`violations: ${name}`, () =>
    assert.deepEqual(
      findViolations({ growths, silences }, 20).map(({ kind }) => kind),
      kinds,
    ))
