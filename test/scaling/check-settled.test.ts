import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Topology } from '../../src/scaling/cluster-state.ts'
import { checkSettled } from '../../src/scaling/check-settled.ts'
import * as known from './topologies.ts'
import { minutesAgo, now, topology } from './topologies.ts'

const { movesPlanned: plan, stopped } = known
const day = 24 * 60

const cases: [name: string, change: Partial<Topology>, expected: string][] = [
  ['nothing to move', {}, 'settled'],
  ['a rebalance runs', { plan: known.running, rebalance: known.unfinished }, 'under-way'],
  ['a rebalance is being planned', { plan: known.starting }, 'under-way'],
  [
    'a rebalance is being planned after a person stopped one',
    { plan: known.starting, rebalance: stopped },
    'under-way',
  ],
  ['moves are planned', { plan }, 'due'],
  ['an empty worker, and no plan known', { plan: known.emptyWorker }, 'due'],
  ['no empty worker, and no plan known', { plan: known.planUnknown }, 'settled'],
  ['the last rebalance failed halfway', { plan, rebalance: known.failedRebalance }, 'due'],
  ['the last rebalance finished, and moves are planned again', { plan, rebalance: known.finished }, 'due'],
  ['a person stopped the last rebalance', { plan, rebalance: stopped }, 'cancelled'],
  ['stopped, and the plan is not known', { plan: known.planUnknown, rebalance: stopped }, 'cancelled'],
  ['stopped, with an empty worker', { plan: known.emptyWorker, rebalance: stopped }, 'cancelled'],
  ['stopped, and nothing is left to move', { rebalance: stopped }, 'settled'],
  ['stopped, and a worker was added since', { plan, rebalance: { ...stopped, workerCameSince: true } }, 'due'],
  [
    'stopped, and a worker was added that worker_count does not have yet',
    { plan, rebalance: stopped, workers: [...topology.workers, { node: 'w2:5432', shardGroups: 0 }] },
    'due',
  ],
  ['stopped a day ago', { plan, rebalance: { ...stopped, finishedAt: minutesAgo(day) } }, 'due'],
  ['stopped just under a day ago', { plan, rebalance: { ...stopped, finishedAt: minutesAgo(day - 1) } }, 'cancelled'],
  ['stopped, without a history', { plan, rebalance: stopped, history: undefined }, 'cancelled'],
]
for (const [name, change, expected] of cases)
  test(name, () => assert.equal(checkSettled({ ...topology, ...change }, now).kind, expected))

test('the message about a stop says until when it holds and which statement ends it', () => {
  const settled = checkSettled({ ...topology, plan, rebalance: stopped }, now)
  assert.deepEqual(settled, {
    kind: 'cancelled',
    until: minutesAgo(50 - day),
    message:
      "A person stopped rebalance job 7 before its end (Citus's plan has 13 moves). To go on: SELECT citus_rebalance_start();",
  })
})

test('a running rebalance has its job; one that is being planned has none, even after an earlier job', () => {
  const job = (change: Partial<Topology>) => {
    const settled = checkSettled({ ...topology, ...change }, now)
    return settled.kind === 'under-way' ? settled.job : 'not under way'
  }
  assert.equal(job({ plan: known.running, rebalance: known.unfinished }), 7)
  assert.equal(job({ plan: known.starting, rebalance: known.finished }), undefined)
})
