import type { Plan, Rebalance, Topology } from '../scaling/cluster-state.ts'
import { dateAt, minutesADay } from './load.ts'
import { planMoves } from './plan-moves.ts'
import { shardGroups, workerCountInterval } from './world-facts.ts'

/** The newest rebalance of the simulated catalogue; times in seconds since the start. */
export type SimulatedJob = {
  id: number
  tasksDone: number
  tasksTotal: number
  startedAt: number
  end?: { at: number; state: 'finished' | 'cancelled' }
}

export type CatalogueFacts = {
  now: number
  workers: number
  /** The worker of each shard group. */
  placements: readonly number[]
  job: SimulatedJob | undefined
  /** When workers were last added. */
  changedAt: number | undefined
}

/** What the schema `autoscaler` would return for the simulated cluster. */
export function simulatedTopology({ now, workers, placements, job, changedAt }: CatalogueFacts): Topology {
  const held = Array.from({ length: workers }, (_, worker) => placements.filter((at) => at === worker).length)
  // The schema looks back one day.
  const risenAt = changedAt !== undefined && now - changedAt < minutesADay * 60 ? changedAt : undefined
  const isOnRecord = changedAt === undefined || now - changedAt >= workerCountInterval
  return {
    workers: held.map((count, worker) => ({ node: nodeName(worker), shardGroups: count })),
    nodes: ['coordinator', ...held.map((_, worker) => nodeName(worker))],
    usefulWorkers: shardGroups,
    isReadOnly: false,
    plan: planOf(placements, held, job),
    rebalance: job && rebalanceOf(job, changedAt),
    isAddingWorkers: false,
    failedRebalanceStart: undefined,
    failedWorkerStart: undefined,
    history: {
      isStopped: false,
      secondsSinceLastRow: now % workerCountInterval,
      lastRiseAt: isOnRecord && risenAt !== undefined ? dateAt(risenAt) : undefined,
      newestCount: isOnRecord ? workers : undefined,
    },
  }
}

const nodeName = (worker: number) => `worker-${worker}`

function planOf(placements: readonly number[], held: readonly number[], job: SimulatedJob | undefined): Plan {
  const moves = planMoves(placements, held.length).length
  if (job && !job.end)
    return {
      reason: 'running',
      isKnown: true,
      strategy: 'by_shard_count',
      moves,
      message: `rebalance job ${job.id} is running`,
    }
  if (moves === 0)
    return { reason: 'settled', isKnown: true, strategy: 'by_shard_count', moves, message: 'nothing to move' }
  const reason = held.includes(0) ? 'empty-worker' : 'moves'
  return { reason, isKnown: true, strategy: 'by_shard_count', moves, message: `${moves} shard groups are to move` }
}

function rebalanceOf({ id, startedAt, end, tasksDone, tasksTotal }: SimulatedJob, changedAt = -Infinity): Rebalance {
  return {
    job: id,
    state: end?.state ?? 'running',
    isUnfinished: end === undefined,
    startedAt: dateAt(startedAt),
    finishedAt: end && dateAt(end.at),
    tasksDone,
    tasksTotal,
    isStuck: false,
    cause: undefined,
    error: undefined,
    retries: undefined,
    nextTryAt: undefined,
    waitingFor: undefined,
    failuresInARow: 0,
    workerCameSince: end !== undefined && changedAt > end.at,
  }
}
