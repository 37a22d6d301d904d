import type { ClusterState, Coordinator, LastScaleOut, Sizes } from '../scaling/cluster-state.ts'
import { decideRebalance } from '../scaling/decide-rebalance.ts'
import type { RebalanceMode } from '../scaling/policy.ts'
import { createClusterLoad, type MinuteLog } from './cluster-load.ts'
import { dateAt, type Load } from './load.ts'
import { planMoves, type Move } from './plan-moves.ts'
import type { Silences } from './silences.ts'
import { simulatedTopology, type SimulatedJob } from './simulated-topology.ts'
import { dataBytes, shardGroups } from './world-facts.ts'

/** Seconds since the start of the simulation. */
export type Seconds = number

/** One accepted scale-out, successful or not. */
export type Growth = {
  from: number
  to: number
  attempt: number
  /** Decided without the coordinator. */
  blind: boolean
  acceptedAt: Seconds
  endsAt: Seconds
  succeeds: boolean
  /** Whether the growth before it had settled: workers there, shards spread. The policy does not know this. */
  afterSettled: boolean
  rebalance?: { startedAt: Seconds; endedAt?: Seconds }
}

export type Order = { to: number; attempt: number; blind: boolean }

export type SimulatedCluster = {
  log: MinuteLog
  growths: readonly Growth[]
  /** The time of the next event: a minute ends, workers come, a shard group has moved. */
  nextAt: () => Seconds
  /** Advances the time, at most to `nextAt`. */
  advance: (to: Seconds) => void
  state: () => ClusterState
  coordinator: () => Coordinator
  /** Since when there is nothing to move; undefined while there is. */
  settledSince: () => Seconds | undefined
  /** There are moves to make, and no rebalance runs. */
  isRebalanceDue: () => boolean
  /** False when ARM refuses it because another one runs. */
  scaleOut: (order: Order) => boolean
  /** As the function `rebalance`: starts a job if it decides to. False when the coordinator is silent. */
  rebalance: (mode: RebalanceMode) => boolean
}

export type ClusterOptions = {
  load: Load
  workers: number
  sizes: Sizes
  moveSeconds: (bytes: number) => number
  silences: Silences
  /** Duration and result of the next deployment. */
  nextDeployment: () => { seconds: number; succeeds: boolean }
  /** The share of its moves after which a person stops the next rebalance; undefined when nobody does. */
  nextCancellation: () => number | undefined
}

type Moving = { job: SimulatedJob; moves: Move[]; moveEndsAt: Seconds; cancelledAtLeft: number | undefined }

export function createSimulatedCluster(options: ClusterOptions): SimulatedCluster {
  const { load, sizes, silences, nextDeployment, nextCancellation } = options
  let now: Seconds = 0
  let workers = options.workers
  let changedAt: Seconds | undefined
  const placements = Array.from({ length: shardGroups }, (_, group) => group % workers)
  const work = createClusterLoad(load, placements, workers)
  const growths: Growth[] = []
  let deployment: Growth | undefined
  let job: SimulatedJob | undefined
  let moving: Moving | undefined
  let moves = 0
  let settledSince: Seconds | undefined = 0
  const moveSeconds = options.moveSeconds(dataBytes / shardGroups)

  function finishDeployment({ succeeds, to }: Growth) {
    deployment = undefined
    if (succeeds) {
      workers = to
      changedAt = now
      work.place(placements, workers)
    }
    settle()
  }

  function finishMove(current: Moving) {
    const move = current.moves.shift()
    if (move) placements[move.shardGroup] = move.target
    work.place(placements, workers)
    current.moveEndsAt = now + moveSeconds
    current.job.tasksDone++
    const isCancelled = current.moves.length === current.cancelledAtLeft
    if (current.moves.length > 0 && !isCancelled) return
    moving = undefined
    current.job.end = { at: now, state: isCancelled ? 'cancelled' : 'finished' }
    const growth = growths.findLast(({ rebalance }) => rebalance)
    if (growth?.rebalance && !isCancelled) growth.rebalance.endedAt = now
    settle()
  }

  /** Settled: no rebalance is unfinished, and the plan has no move. Here, a running deployment is not settled either. */
  function settle() {
    moves = planMoves(placements, workers).length
    settledSince = !deployment && !moving && moves === 0 ? (settledSince ?? now) : undefined
  }

  const coordinator = (): Coordinator =>
    silences.current(now)
      ? { kind: 'silent', message: 'It gave no answer within 5 s.' }
      : { kind: 'answered', topology: simulatedTopology({ now, workers, placements, job, changedAt }) }

  return {
    log: work.log,
    growths,

    nextAt: () =>
      Math.min((Math.floor(now / 60) + 1) * 60, deployment?.endsAt ?? Infinity, moving?.moveEndsAt ?? Infinity),

    advance(to) {
      const minute = Math.floor(now / 60)
      work.work(minute, to - now)
      now = to
      if (now === (minute + 1) * 60) {
        work.endMinute(minute)
        silences.endMinute(minute, work.log.saturated[minute] === 1)
      }
      if (deployment && deployment.endsAt <= now) finishDeployment(deployment)
      if (moving && moving.moveEndsAt <= now) finishMove(moving)
    },

    state: () => ({
      workers,
      condition: deployment ? { kind: 'updating', detail: 'Updating' } : { kind: 'ready' },
      lastScaleOut: lastScaleOut(growths.at(-1), now),
      sizes,
    }),

    coordinator,
    settledSince: () => settledSince,
    isRebalanceDue: () => moves > 0 && !moving,

    scaleOut({ to, attempt, blind }) {
      if (deployment) return false
      const { seconds, succeeds } = nextDeployment()
      const times = { acceptedAt: now, endsAt: now + seconds }
      deployment = { from: workers, to, attempt, blind, ...times, succeeds, afterSettled: settledSince !== undefined }
      growths.push(deployment)
      settle()
      return true
    },

    rebalance(mode) {
      const asked = coordinator()
      if (asked.kind === 'silent') return false
      const decision = decideRebalance({ topology: asked.topology, mode, now: dateAt(now) })
      const plan = decision.kind === 'start' ? planMoves(placements, workers) : []
      if (plan.length === 0) return true
      const share = nextCancellation()
      const cancelledAtLeft = share === undefined ? undefined : Math.max(1, Math.floor(share * plan.length))
      job = { id: (job?.id ?? 0) + 1, tasksDone: 0, tasksTotal: plan.length, startedAt: now }
      moving = { job, moves: plan, moveEndsAt: now + moveSeconds, cancelledAtLeft }
      settle()
      const growth = growths.findLast(({ succeeds, endsAt }) => succeeds && endsAt <= now)
      if (growth) growth.rebalance ??= { startedAt: now }
      return true
    },
  }
}

function lastScaleOut(growth: Growth | undefined, now: Seconds): LastScaleOut {
  if (!growth) return { kind: 'none' }
  const { endsAt, succeeds, attempt, to, blind } = growth
  const cause = blind ? { blind } : {}
  if (endsAt > now) return { kind: 'running', detail: `to ${to} workers` }
  if (succeeds) return { kind: 'succeeded', endedAt: dateAt(endsAt), ...cause }
  return { kind: 'failed', endedAt: dateAt(endsAt), attempt, error: 'simulated failure', ...cause }
}
