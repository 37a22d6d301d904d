import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPreflight, type RebalanceFacts, type TransferMode } from '../../src/scaling/check-preflight.ts'

const good: RebalanceFacts = {
  citusVersion: '13.2.2',
  walLevel: 'logical',
  inactiveWorkers: [],
  outOfService: [],
  withoutReplicaIdentity: [],
  leftovers: 0,
  idleInTransactionTimeout: 0,
  maxWorkerProcesses: 8,
  maxReplicationSlots: 10,
  executors: 1,
  executorsPerNode: 1,
}

const cases: [
  name: string,
  change: Partial<RebalanceFacts>,
  mode: TransferMode,
  blocking: RegExp[],
  warnings: RegExp[],
][] = [
  ['no problem', {}, 'auto', [], []],
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
  ['leftovers', { leftovers: 3 }, 'block_writes', [], [/leftovers .*: 3;/]],
  [
    'a worker out of service that still has shards',
    { outOfService: ['w1:5432'] },
    'auto',
    [],
    [/moves all shards off w1:5432, which a person took out of service/],
  ],
  [
    'a limit on idle transactions before 13.2.1',
    { idleInTransactionTimeout: 60_000, citusVersion: '13.2.0' },
    'block_writes',
    [],
    [/idle_in_transaction_session_timeout \(60000 ms\) fail before Citus 13\.2\.1/],
  ],
  ['the same on 12.1', { idleInTransactionTimeout: 1, citusVersion: '12.1.12' }, 'block_writes', [], [/13\.2\.1/]],
  ['the same on 13.2.1', { idleInTransactionTimeout: 1, citusVersion: '13.2.1' }, 'block_writes', [], []],
  ['the same on 14.0.0', { idleInTransactionTimeout: 1, citusVersion: '14.0.0' }, 'block_writes', [], []],
  ['the same with another mode', { idleInTransactionTimeout: 1, citusVersion: '12.1.12' }, 'auto', [], []],
  [
    'too few worker processes',
    { maxWorkerProcesses: 8, executors: 5 },
    'block_writes',
    [],
    [/max_worker_processes is 8, too few for 5 .* moves may never begin/],
  ],
  ['just enough worker processes', { maxWorkerProcesses: 8, executors: 4 }, 'block_writes', [], []],
  [
    'too few replication slots',
    { maxReplicationSlots: 2, executorsPerNode: 3 },
    'auto',
    [],
    [/max_replication_slots is 2, fewer than citus\.max_background_task_executors_per_node \(3\)/],
  ],
  ['replication slots that are not needed', { maxReplicationSlots: 2, executorsPerNode: 3 }, 'block_writes', [], []],
]
for (const [name, change, mode, blocking, warnings] of cases) {
  test(name, () => {
    const found = checkPreflight({ ...good, ...change }, mode)
    assert.equal(found.blocking.length, blocking.length)
    assert.equal(found.warnings.length, warnings.length)
    blocking.forEach((expected, index) => assert.match(found.blocking[index] ?? '', expected))
    warnings.forEach((expected, index) => assert.match(found.warnings[index] ?? '', expected))
  })
}

test('a long list of tables is cut', () => {
  const tables = Array.from({ length: 9 }, (_, index) => `t${index}`)
  const { blocking } = checkPreflight({ ...good, withoutReplicaIdentity: tables }, 'auto')
  assert.match(blocking[0] ?? '', /t0, t1, t2, t3, t4 and 4 more/)
})
