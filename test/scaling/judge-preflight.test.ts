import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgePreflight, type RebalanceFacts } from '../../src/scaling/judge-preflight.ts'

const good: RebalanceFacts = {
  isCoordinator: true,
  walLevel: 'logical',
  inactiveWorkers: [],
  withoutReplicaIdentity: [],
  orphanedShards: 0,
}
type Mode = 'auto' | 'force_logical' | 'block_writes'

const cases: [name: string, change: Partial<RebalanceFacts>, mode: Mode, blocking: RegExp[], warnings: RegExp[]][] = [
  ['all is well', {}, 'auto', [], []],
  ['connected to a worker', { isCoordinator: false }, 'block_writes', [/PG_CONNECTION_URL leads to a worker/], []],
  ['no logical WAL, and none needed', { walLevel: 'replica' }, 'block_writes', [], []],
  ['no logical WAL for auto', { walLevel: 'replica' }, 'auto', [/wal_level = logical; it is replica/], []],
  ['no logical WAL for force_logical', { walLevel: 'replica' }, 'force_logical', [/wal_level/], []],
  ['no replica identity for auto', { withoutReplicaIdentity: ['a', 'b'] }, 'auto', [/replica identity on a, b/], []],
  [
    'no replica identity for force_logical',
    { withoutReplicaIdentity: ['a'] },
    'force_logical',
    [],
    [/updates and deletes on a fail/],
  ],
  ['no replica identity, and none needed', { withoutReplicaIdentity: ['a'] }, 'block_writes', [], []],
  [
    'an inactive worker',
    { inactiveWorkers: ['w1:5432'] },
    'block_writes',
    [],
    [/inactive workers get no shards: w1:5432/],
  ],
  ['leftovers', { orphanedShards: 3 }, 'block_writes', [], [/leftovers .*: 3;/]],
]
for (const [name, change, mode, blocking, warnings] of cases) {
  test(name, () => {
    const found = judgePreflight({ ...good, ...change }, mode)
    assert.equal(found.blocking.length, blocking.length)
    assert.equal(found.warnings.length, warnings.length)
    blocking.forEach((expected, index) => assert.match(found.blocking[index] ?? '', expected))
    warnings.forEach((expected, index) => assert.match(found.warnings[index] ?? '', expected))
  })
}

test('a long list of tables is cut', () => {
  const tables = Array.from({ length: 9 }, (_, index) => `t${index}`)
  const { blocking } = judgePreflight({ ...good, withoutReplicaIdentity: tables }, 'auto')
  assert.match(blocking[0] ?? '', /t0, t1, t2, t3, t4 and 4 more/)
})
