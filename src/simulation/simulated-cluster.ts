import type { ClusterState, LastScaleOut, Sizes, Topology } from '../scaling/cluster-state.ts'
import { createClusterLoad, type MinuteLog } from './cluster-load.ts'
import { dateAt, minutesADay, type Load } from './load.ts'
import { planMoves, type Move } from './plan-moves.ts'
import type { Silences } from './silences.ts'
import { dataBytes, shardGroups } from './world-facts.ts'

/** Seconds since the start of the simulation. */
export type Seconds = number

/** One scale-out that was accepted, whatever became of it. */
export type Growth = {
  from: number
  to: number
  attempt: number
  /** Decided on without the coordinator. */
  blind: boolean
  acceptedAt: Seconds
  endsAt: Seconds
  succeeds: boolean
  /** Whether the growth before it had come to its end: workers there, shards spread. Known to the world, not to the policy. */
  afterSettled: boolean
  rebalance?: { startedAt: Seconds; endedAt?: Seconds }
}

export type Order = { to: number; attempt: number; blind: boolean }

/** What the coordinator says when it is asked. */
export type Coordinator = { kind: 'answered'; topology: Topology } | { kind: 'silent'; message: string }

export type SimulatedCluster = {
  log: MinuteLog
  growths: readonly Growth[]
  /** When something happens next by itself: a minute ends, workers come, a shard group has moved. */
  nextAt: () => Seconds
  /** Lets the time pass, up to `nextAt` at most. */
  advance: (to: Seconds) => void
  state: () => ClusterState
  coordinator: () => Coordinator
  /** Since when there is nothing to move; undefined while there is. Known to the world. */
  settledSince: () => Seconds | undefined
  emptyWorkers: () => number
  /** False when it is refused since another one runs: ARM's lock. */
  scaleOut: (order: Order) => boolean
  /** Starts a rebalance job, unless one runs, there is nothing to move, or a person has stopped the last one. False when nobody answers. */
  rebalance: () => boolean
}

export type ClusterOptions = {
  load: Load
  workers: number
  sizes: Sizes
  moveSeconds: (bytes: number) => number
  silences: Silences
  /** How the next deployment will go. */
  nextDeployment: () => { seconds: number; succeeds: boolean }
  /** After which share of its moves a person stops the next rebalance; undefined when nobody does. */
  nextCancellation: () => number | undefined
}

/** How long a person's stop stands, by the contract. */
const cancellationHolds = minutesADay * 60

type Job = { id: number; moves: Move[]; moveEndsAt: Seconds; cancelledAtLeft: number | undefined }

export function createSimulatedCluster(options: ClusterOptions): SimulatedCluster {
  const { load, sizes, silences, nextDeployment, nextCancellation } = options
  let now: Seconds = 0
  let workers = options.workers
  let changedAt: Seconds | undefined
  const placements = Array.from({ length: shardGroups }, (_, group) => group % workers)
  const work = createClusterLoad(load, placements, workers)
  const growths: Growth[] = []
  let deployment: Growth | undefined
  let job: Job | undefined
  let jobs = 0
  let cancelled: { job: number; at: Seconds } | undefined
  let settledSince: Seconds | undefined = 0
  const moveSeconds = options.moveSeconds(dataBytes / shardGroups)

  function finishDeployment({ succeeds, to }: Growth) {
    deployment = undefined
    if (succeeds) {
      workers = to
      changedAt = now
      cancelled = undefined
      work.place(placements, workers)
    }
    settle()
  }

  function finishMove(current: Job) {
    const move = current.moves.shift()
    if (move) placements[move.shardGroup] = move.target
    work.place(placements, workers)
    current.moveEndsAt = now + moveSeconds
    const isCancelled = current.moves.length === current.cancelledAtLeft
    if (current.moves.length > 0 && !isCancelled) return
    job = undefined
    if (isCancelled) cancelled = { job: current.id, at: now }
    const growth = growths.findLast(({ rebalance }) => rebalance)
    if (growth?.rebalance && !isCancelled) growth.rebalance.endedAt = now
    settle()
  }

  /** Settled by the contract: no rebalance is unfinished, and the plan has no move. */
  function settle() {
    const isSettled = !deployment && !job && planMoves(placements, workers).length === 0
    settledSince = isSettled ? (settledSince ?? now) : undefined
  }

  const isStopped = () => cancelled !== undefined && now < cancelled.at + cancellationHolds

  const topology = (): Topology => ({
    workers: Array.from({ length: workers }, (_, worker) => ({
      node: `worker-${worker}`,
      shardGroups: placements.filter((at) => at === worker).length,
    })),
    usefulWorkers: shardGroups,
    rebalance: job && { job: job.id, state: 'running' },
    workersChangedAt: changedAt === undefined ? undefined : dateAt(changedAt),
  })

  return {
    log: work.log,
    growths,

    nextAt: () =>
      Math.min((Math.floor(now / 60) + 1) * 60, deployment?.endsAt ?? Infinity, job?.moveEndsAt ?? Infinity),

    advance(to) {
      const minute = Math.floor(now / 60)
      work.work(minute, to - now)
      now = to
      if (now === (minute + 1) * 60) {
        work.endMinute(minute)
        silences.endMinute(minute, work.log.saturated[minute] === 1)
      }
      if (deployment && deployment.endsAt <= now) finishDeployment(deployment)
      if (job && job.moveEndsAt <= now) finishMove(job)
    },

    state: () => ({
      workers,
      condition: deployment ? { kind: 'updating', detail: 'Updating' } : { kind: 'ready' },
      lastScaleOut: lastScaleOut(growths.at(-1), now),
      sizes,
    }),

    coordinator: () =>
      silences.current(now)
        ? { kind: 'silent', message: 'no answer within 5 s' }
        : { kind: 'answered', topology: topology() },
    settledSince: () => settledSince,
    emptyWorkers: () =>
      Array.from({ length: workers }, (_, worker) => placements.includes(worker)).filter((has) => !has).length,

    scaleOut({ to, attempt, blind }) {
      if (deployment) return false
      const { seconds, succeeds } = nextDeployment()
      const times = { acceptedAt: now, endsAt: now + seconds }
      deployment = { from: workers, to, attempt, blind, ...times, succeeds, afterSettled: settledSince !== undefined }
      growths.push(deployment)
      settle()
      return true
    },

    rebalance() {
      if (silences.current(now)) return false
      const moves = job || isStopped() ? [] : planMoves(placements, workers)
      if (moves.length === 0) return true
      const share = nextCancellation()
      const cancelledAtLeft = share === undefined ? undefined : Math.floor(share * moves.length)
      job = { id: ++jobs, moves, moveEndsAt: now + moveSeconds, cancelledAtLeft: cancelledAtLeft || undefined }
      settle()
      const growth = growths.findLast(({ succeeds, endsAt }) => succeeds && endsAt <= now)
      if (growth) growth.rebalance ??= { startedAt: now }
      return true
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
