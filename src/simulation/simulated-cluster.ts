import type { ClusterState, LastScaleOut, Sizes, Topology } from '../scaling/cluster-state.ts'
import { createClusterLoad, type MinuteLog } from './cluster-load.ts'
import { dateAt, type Load } from './load.ts'
import { planMoves, type Move } from './plan-moves.ts'
import { dataBytes, shardGroups } from './world-facts.ts'

/** Seconds since the start of the simulation. */
export type Seconds = number

/** One scale-out that was accepted, whatever became of it. */
export type Growth = {
  from: number
  to: number
  attempt: number
  acceptedAt: Seconds
  endsAt: Seconds
  succeeds: boolean
  /** Whether the growth before it had come to its end: workers there, shards spread. Known to the world, not to the policy. */
  afterSettled: boolean
  rebalance?: { startedAt: Seconds; endedAt?: Seconds }
}

export type SimulatedCluster = {
  log: MinuteLog
  growths: readonly Growth[]
  /** When something happens next by itself: a minute ends, workers come, a shard group has moved. */
  nextAt: () => Seconds
  /** Lets the time pass, up to `nextAt` at most. */
  advance: (to: Seconds) => void
  state: () => ClusterState
  topology: () => Topology
  /** False when it is refused since another one runs: ARM's lock. */
  scaleOut: (order: { to: number; attempt: number }) => boolean
  /** Starts a rebalance job, unless one runs or there is nothing to move. */
  rebalance: () => void
}

export type ClusterOptions = {
  load: Load
  workers: number
  sizes: Sizes
  bytesPerSecond: number
  /** How the next deployment will go. */
  nextDeployment: () => { seconds: number; succeeds: boolean }
}

export function createSimulatedCluster(options: ClusterOptions): SimulatedCluster {
  const { load, sizes, bytesPerSecond, nextDeployment } = options
  let now: Seconds = 0
  let workers = options.workers
  let changedAt: Seconds | undefined
  const placements = Array.from({ length: shardGroups }, (_, group) => group % workers)
  const work = createClusterLoad(load, placements, workers)
  const growths: Growth[] = []
  let deployment: Growth | undefined
  let job: { id: number; moves: Move[]; moveEndsAt: Seconds } | undefined
  let jobs = 0
  const moveSeconds = dataBytes / shardGroups / bytesPerSecond

  function finishDeployment({ succeeds, to }: Growth) {
    deployment = undefined
    if (!succeeds) return
    workers = to
    changedAt = now
    work.place(placements, workers)
  }

  function finishMove({ moves }: NonNullable<typeof job>) {
    const move = moves.shift()
    if (move) placements[move.shardGroup] = move.target
    work.place(placements, workers)
    if (job) job.moveEndsAt = now + moveSeconds
    if (moves.length > 0) return
    job = undefined
    const growth = growths.findLast(({ rebalance }) => rebalance)
    if (growth?.rebalance) growth.rebalance.endedAt = now
  }

  const emptyWorkers = () =>
    Array.from({ length: workers }, (_, worker) => worker).filter((w) => !placements.includes(w))
  const isSettled = () => !deployment && !job && (emptyWorkers().length === 0 || workers > shardGroups)

  return {
    log: work.log,
    growths,

    nextAt: () =>
      Math.min((Math.floor(now / 60) + 1) * 60, deployment?.endsAt ?? Infinity, job?.moveEndsAt ?? Infinity),

    advance(to) {
      const minute = Math.floor(now / 60)
      work.work(minute, to - now)
      now = to
      if (now === (minute + 1) * 60) work.endMinute(minute)
      if (deployment && deployment.endsAt <= now) finishDeployment(deployment)
      if (job && job.moveEndsAt <= now) finishMove(job)
    },

    state: () => ({
      workers,
      condition: deployment ? { kind: 'updating', detail: 'Updating' } : { kind: 'ready' },
      lastScaleOut: lastScaleOut(growths.at(-1), now),
      sizes,
    }),

    topology: () => ({
      workers: Array.from({ length: workers }, (_, worker) => ({
        node: `worker-${worker}`,
        shardGroups: placements.filter((at) => at === worker).length,
      })),
      usefulWorkers: shardGroups,
      rebalance: job && { job: job.id, state: 'running' },
      workersChangedAt: changedAt === undefined ? undefined : dateAt(changedAt),
    }),

    scaleOut({ to, attempt }) {
      if (deployment) return false
      const { seconds, succeeds } = nextDeployment()
      const times = { acceptedAt: now, endsAt: now + seconds }
      deployment = { from: workers, to, attempt, ...times, succeeds, afterSettled: isSettled() }
      growths.push(deployment)
      return true
    },

    rebalance() {
      const moves = job ? [] : planMoves(placements, workers)
      if (moves.length === 0) return
      job = { id: ++jobs, moves, moveEndsAt: now + moveSeconds }
      const growth = growths.findLast(({ succeeds, endsAt }) => succeeds && endsAt <= now)
      if (growth) growth.rebalance ??= { startedAt: now }
    },
  }
}

function lastScaleOut(growth: Growth | undefined, now: Seconds): LastScaleOut {
  if (!growth) return { kind: 'none' }
  const { endsAt, succeeds, attempt, to } = growth
  if (endsAt > now) return { kind: 'running', detail: `to ${to} workers` }
  if (succeeds) return { kind: 'succeeded', endedAt: dateAt(endsAt) }
  return { kind: 'failed', endedAt: dateAt(endsAt), attempt, error: 'it failed, as some do' }
}
