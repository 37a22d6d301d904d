import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomStream } from '../../src/simulation/random-stream.ts'
import { createSilences } from '../../src/simulation/silences.ts'
import { levels, noFaults } from './simulated-world.ts'

const month = 30 * 24 * 60

function silencesOf(faults: Partial<typeof noFaults>, isSaturated = false, seed = 1) {
  const silences = createSilences(randomStream(seed, 'silences'), levels([100, month]), { ...noFaults, ...faults })
  for (let minute = 0; minute < month; minute++) silences.endMinute(minute, isSaturated)
  return silences
}

test('silences have the given frequency, last at least an hour, and do not overlap', () => {
  const counts = Array.from({ length: 40 }, (_, seed) => {
    const { all } = silencesOf({ silencesAMonth: 6 }, false, seed)
    for (const [index, { from, to }] of all.entries()) {
      assert.ok(to - from >= 3600 && to - from <= 12 * 3600)
      assert.ok(from >= (all[index - 1]?.to ?? 0))
    }
    return all.length
  })
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  assert.ok(mean > 5 && mean < 7, `${mean} silences a month`)
})

test('no silences with a frequency of 0, and more while a worker is saturated', () => {
  assert.deepEqual(silencesOf({}).all, [])
  assert.deepEqual(silencesOf({ silentWhenSaturated: 0.5 }).all, [])
  assert.ok(silencesOf({ silentWhenSaturated: 0.5 }, true).all.length > 30)
})

test('a silence is current from its start until its end, excluded', () => {
  const { all, current } = silencesOf({ silencesAMonth: 6 })
  const [first] = all
  assert.ok(first)
  assert.equal(current(first.from - 1), undefined)
  assert.equal(current(first.from), first)
  assert.equal(current(first.to - 1), first)
  assert.equal(current(first.to), undefined)
})
