import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtInLoads } from '../../src/simulation/built-in-loads.ts'

const loads = builtInLoads(4, 5)

test('every built-in load has a month of work and a unique name', () => {
  for (const { name, minutes } of loads) {
    assert.equal(minutes.length, 30 * 24 * 60, name)
    assert.ok(
      minutes.every((work) => work >= 0 && work < 2000),
      name,
    )
  }
  assert.equal(new Set(loads.map(({ name }) => name)).size, loads.length)
})

test('the same seed gives the same loads, another seed others', () => {
  assert.deepEqual(builtInLoads(4, 5), loads)
  for (const [index, { name, minutes }] of builtInLoads(4, 6).entries())
    assert.notDeepEqual(minutes, loads[index]?.minutes, name)
})

test('the load is proportional to the number of workers', () => {
  const [twice] = builtInLoads(8, 5)
  assert.ok(Math.abs((twice?.minutes[0] ?? 0) - 2 * (loads[0]?.minutes[0] ?? 0)) < 1e-9)
})

test('hot-tenant and outage are left out of sums', () =>
  assert.deepEqual(
    loads.filter(({ isApart }) => isApart).map(({ name }) => name),
    ['hot-tenant', 'outage'],
  ))

for (const name of ['shop', 'launches', 'nightly-batches', 'adoption'])
  test(`${name} is higher at its end than at its start, and too high for the first workers`, () => {
    const minutes = loads.find((load) => load.name === name)?.minutes ?? new Float64Array()
    const week = 7 * 24 * 60
    const mean = (work: Float64Array) => work.reduce((sum, minute) => sum + minute, 0) / work.length
    assert.ok(mean(minutes.slice(-week)) > 1.2 * mean(minutes.slice(0, week)))
    assert.ok(minutes.some((work) => work > 0.8 * 400))
  })
