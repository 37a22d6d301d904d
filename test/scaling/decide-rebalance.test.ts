import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Topology } from '../../src/scaling/cluster-state.ts'
import { decideRebalance } from '../../src/scaling/decide-rebalance.ts'
import type { RebalanceMode } from '../../src/scaling/policy.ts'
import * as known from './topologies.ts'
import { inMinutes, minutesAgo, now, topology } from './topologies.ts'

const on: RebalanceMode = { mode: 'on', setting: 'AUTOSCALE_MODE' }
const decideOn = (change: Partial<Topology>, mode = on) =>
  decideRebalance({ topology: { ...topology, ...change }, mode, now })

const { movesPlanned: plan, failedRebalance, finished } = known
const failedStart = { endedAt: minutesAgo(1), error: 'SQLSTATE 57014: canceled', failures: 2 }

// On a settled cluster the rebalance is started, too: Citus then answers that there is nothing to move.
const cases: [name: string, change: Partial<Topology>, expected: object, mode?: RebalanceMode][] = [
  ['a settled cluster', {}, { kind: 'start' }],
  ['moves are planned', { plan }, { kind: 'start' }],
  ['an empty worker', { plan: known.emptyWorker }, { kind: 'start' }],
  ['a dry run', { plan }, { kind: 'dry-run' }, { mode: 'dry-run', setting: 'REBALANCE_MODE' }],
  ['paused', { plan }, { kind: 'hold', reason: 'paused' }, { mode: 'paused', setting: 'REBALANCE_MODE' }],
  [
    'a rebalance runs',
    { plan: known.running, rebalance: known.unfinished },
    { kind: 'hold', reason: 'rebalance-running', job: 7 },
  ],
  [
    'a rebalance is being planned',
    { plan: known.starting, rebalance: finished },
    { kind: 'hold', reason: 'rebalance-running' },
  ],
  [
    'a person stopped the rebalance',
    { plan, rebalance: known.stopped },
    { kind: 'hold', reason: 'rebalance-cancelled', until: inMinutes(24 * 60 - 50) },
  ],
  [
    'a rebalance failed 2 minutes ago',
    { plan, rebalance: { ...failedRebalance, finishedAt: minutesAgo(2) } },
    { kind: 'hold', reason: 'backing-off', until: inMinutes(3) },
  ],
  [
    'three rebalances failed in a row',
    { plan, rebalance: { ...failedRebalance, finishedAt: minutesAgo(2), failuresInARow: 3 } },
    { kind: 'hold', reason: 'backing-off', until: inMinutes(18) },
  ],
  ['the wait after a failure is over: it is resumed', { plan, rebalance: failedRebalance }, { kind: 'start' }],
  [
    'a start failed after its answer',
    { plan, failedRebalanceStart: failedStart },
    { kind: 'hold', reason: 'backing-off', until: inMinutes(9) },
  ],
  [
    'a start failed, and an older job finished',
    { plan, failedRebalanceStart: failedStart, rebalance: finished },
    { kind: 'hold', reason: 'backing-off', until: inMinutes(9) },
  ],
  [
    'a start failed, and a later one succeeded',
    { plan, failedRebalanceStart: failedStart, rebalance: { ...finished, startedAt: now, finishedAt: now } },
    { kind: 'start' },
  ],
  [
    'backing off in a dry run',
    { plan, failedRebalanceStart: failedStart },
    { kind: 'hold', reason: 'backing-off', until: inMinutes(9) },
    { mode: 'dry-run', setting: 'REBALANCE_MODE' },
  ],
]
for (const [name, change, expected, mode] of cases)
  test(name, () => {
    const { message, ...decision } = { message: undefined, ...decideOn(change, mode) }
    assert.deepEqual(decision, expected)
    assert.equal(typeof message, decision.kind === 'hold' ? 'string' : 'undefined')
  })

test('the answer while paused names the setting that paused it', () => {
  for (const setting of ['REBALANCE_MODE', 'AUTOSCALE_MODE'] as const) {
    const decision = decideOn({}, { mode: 'paused', setting })
    assert.ok(decision.kind === 'hold' && decision.message.startsWith(`${setting} is paused`))
  }
})

test('the message about a stuck rebalance says why it waits, since when, and for whom', () => {
  const stuck = {
    ...known.unfinished,
    isStuck: true,
    cause: 'retrying',
    error: 'no space left',
    nextTryAt: inMinutes(1),
  }
  const decision = decideOn({ plan: known.running, rebalance: stuck })
  assert.equal(
    decision.kind === 'hold' && decision.message,
    'Rebalance job 7 is already running. It is stuck (retrying): no space left; next try at 2026-11-22T20:01:00.000Z.',
  )
  const waiting = { ...known.unfinished, isStuck: true, cause: 'lock', waitingFor: 'ann (pid 7, psql)' }
  const other = decideOn({ plan: known.running, rebalance: waiting })
  assert.match(other.kind === 'hold' ? other.message : '', /It is stuck \(lock\): ann \(pid 7, psql\)\.$/)
})
