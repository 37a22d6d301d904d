import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtInLoads } from '../../src/simulation/built-in-loads.ts'

const loads = builtInLoads(4, 5)

test('every built-in load is a month of work, and its name is its own', () => {
  for (const { name, minutes } of loads) {
    assert.equal(minutes.length, 30 * 24 * 60, name)
    assert.ok(
      minutes.every((work) => work >= 0 && work < 2000),
      name,
    )
  }
  assert.equal(new Set(loads.map(({ name }) => name)).size, loads.length)
})

test('the same seed gives the same loads, another one others', () => {
  assert.deepEqual(builtInLoads(4, 5), loads)
  for (const [index, { name, minutes }] of builtInLoads(4, 6).entries())
    assert.notDeepEqual(minutes, loads[index]?.minutes, name)
})

test('more workers at first have as much more to do', () => {
  const [twice] = builtInLoads(8, 5)
  assert.ok(Math.abs((twice?.minutes[0] ?? 0) - 2 * (loads[0]?.minutes[0] ?? 0)) < 1e-9)
})

test('left out of sums is what no policy can do anything about', () =>
  assert.deepEqual(
    loads.filter(({ isApart }) => isApart).map(({ name }) => name),
    ['hot-tenant', 'outage'],
  ))

for (const name of ['shop', 'launches', 'nightly-batches', 'adoption'])
  test(`${name} asks for more at its end than at its beginning, and for more than the first workers can do well`, () => {
    const minutes = loads.find((load) => load.name === name)?.minutes ?? new Float64Array()
    const week = 7 * 24 * 60
    const mean = (work: Float64Array) => work.reduce((sum, minute) => sum + minute, 0) / work.length
    assert.ok(mean(minutes.slice(-week)) > 1.2 * mean(minutes.slice(0, week)))
    assert.ok(minutes.some((work) => work > 0.8 * 400))
  })
