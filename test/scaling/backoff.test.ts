import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffEnd, nextAttempt } from '../../src/scaling/backoff.ts'

const endedAt = new Date('2026-11-22T20:00:00Z')
const minutesLater = (minutes: number) => new Date(endedAt.getTime() + minutes * 60_000)

for (const [attempt, minutes] of [
  [1, 5],
  [2, 10],
  [3, 20],
  [4, 30],
  [5, 30],
  [1000, 30],
] as const)
  test(`failure ${attempt} in a row holds for ${minutes} minutes`, () =>
    assert.deepEqual(backoffEnd({ endedAt, attempt }), minutesLater(minutes)))

test('attempts are counted while they fail in a row', () => {
  assert.equal(nextAttempt(undefined, endedAt), 1)
  assert.equal(nextAttempt({ endedAt, attempt: 1 }, minutesLater(5)), 2)
  assert.equal(nextAttempt({ endedAt, attempt: 7 }, minutesLater(179)), 8)
})

test('after three hours a failure is forgotten', () => {
  assert.equal(nextAttempt({ endedAt, attempt: 7 }, minutesLater(180)), 1)
})
