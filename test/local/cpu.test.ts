import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cpuOf } from '../../src/local/cpu.ts'

const held = (...counts: number[]) =>
  counts.map((count, worker) => ({ node: String(worker), groups: Array.from({ length: count }, (_, group) => `${worker}.${group}`) })) // prettier-ignore

for (const { name, workers, load, hot, expected } of [
  { name: 'as the shard groups are spread', workers: held(16, 16), load: 190, hot: undefined, expected: [95, 95] },
  { name: 'nothing where no shards are', workers: held(16, 16, 0), load: 190, hot: undefined, expected: [95, 95, 0] },
  { name: 'at most 100', workers: held(24, 8), load: 200, hot: undefined, expected: [100, 50] },
  { name: 'nothing anywhere without shards', workers: held(0), load: 190, hot: undefined, expected: [0] },
  { name: 'more with the hot group, and as much together', workers: held(8, 8), load: 100, hot: { group: '1.3', share: 0.25 }, expected: [37.5, 62.5] }, // prettier-ignore
])
  test(`CPU is ${name}`, () => assert.deepEqual(cpuOf(workers, load, hot), expected))
