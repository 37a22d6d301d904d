import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDisks } from '../../src/scaling/check-disks.ts'

const cases: [name: string, wantedPercent: number, available: number, total: number, warning: RegExp | undefined][] = [
  ['much free space', 10, 800, 1_000, undefined],
  ['just enough free space', 10, 150, 1_000, undefined],
  ['nearly too little', 10, 149, 1_000, /^a move to w1:5432 may fail: 14\.9 % .* 10 % must be left/],
  ['exactly the minimum', 10, 100, 1_000, /may fail: 10\.0 %/],
  ['below the minimum', 10, 99, 1_000, /^a move to w1:5432 fails: 9\.9 %/],
  ['nothing', 10, 0, 1_000, /fails: 0\.0 %/],
  ['the check of Citus is off', 0, 100, 1_000, undefined],
  ['a disk of size 0', 10, 0, 0, undefined],
]
for (const [name, wantedPercent, available, total, expected] of cases)
  test(name, () => {
    const warnings = checkDisks({ wantedPercent, disks: [{ node: 'w1:5432', available, total }] })
    assert.equal(warnings.length, expected ? 1 : 0)
    if (expected) assert.match(warnings[0] ?? '', expected)
  })
