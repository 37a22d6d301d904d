import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { planMoves } from '../../src/simulation/plan-moves.ts'

test('after a rebalance, workers differ by at most one shard group, and none was moved twice', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat(), { maxLength: 64 }), (workers, anywhere) => {
      const placements = anywhere.map((place) => place % workers)
      const moves = planMoves(placements, workers)
      for (const { shardGroup, target } of moves) placements[shardGroup] = target
      const counts = Array.from({ length: workers }, (_, worker) => placements.filter((at) => at === worker).length)
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1)
      assert.equal(new Set(moves.map(({ shardGroup }) => shardGroup)).size, moves.length)
    }),
  )
})

test('new workers are filled with the fewest moves', () =>
  assert.equal(
    planMoves(
      Array.from({ length: 32 }, (_, group) => group % 4),
      8,
    ).length,
    16,
  ))
