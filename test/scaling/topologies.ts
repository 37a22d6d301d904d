import type { Plan, Rebalance, Topology } from '../../src/scaling/cluster-state.ts'

export const now = new Date('2026-11-22T20:00:00Z')
export const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
export const inMinutes = (minutes: number) => minutesAgo(-minutes)

export const plan: Plan = { reason: 'settled', isKnown: true, moves: 0, message: 'Citus plans no move' }
export const movesPlanned: Plan = { reason: 'moves', isKnown: true, moves: 13, message: "Citus's plan has 13 moves" }
export const emptyWorker: Plan = {
  reason: 'empty-worker',
  isKnown: false,
  moves: undefined,
  message: 'no shards yet on w2:5432',
}
export const planUnknown: Plan = { ...plan, isKnown: false, moves: undefined, message: 'what Citus plans is not known' }
export const starting: Plan = { ...planUnknown, reason: 'starting', message: 'a rebalance is being planned' }
export const running: Plan = { ...movesPlanned, reason: 'running', message: 'rebalance job 7 is unfinished' }

export const finished: Rebalance = {
  job: 7,
  state: 'finished',
  isUnfinished: false,
  startedAt: minutesAgo(60),
  finishedAt: minutesAgo(50),
  tasksDone: 16,
  tasksTotal: 16,
  isStuck: false,
  cause: undefined,
  error: undefined,
  retries: undefined,
  nextTryAt: undefined,
  waitingFor: undefined,
  failuresInARow: 0,
  workerCameSince: false,
}
export const unfinished: Rebalance = { ...finished, state: 'running', isUnfinished: true, finishedAt: undefined }
export const stopped: Rebalance = { ...finished, state: 'cancelled', tasksDone: 3 }
export const failedRebalance: Rebalance = { ...finished, state: 'failed', error: 'no space left', failuresInARow: 1 }

/** A settled cluster of two workers. */
export const topology: Topology = {
  workers: [
    { node: 'w0:5432', shardGroups: 16 },
    { node: 'w1:5432', shardGroups: 16 },
  ],
  nodes: ['w0:5432', 'w1:5432'],
  usefulWorkers: 32,
  isReadOnly: false,
  plan,
  rebalance: undefined,
  isAddingWorkers: false,
  failedRebalanceStart: undefined,
  failedWorkerStart: undefined,
  history: { isStopped: false, secondsSinceLastRow: 3, lastRiseAt: undefined, newestCount: 2 },
}
