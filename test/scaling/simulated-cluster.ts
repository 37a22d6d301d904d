import type { ClusterState, Coordinator, LastScaleOut, Plan } from '../../src/scaling/cluster-state.ts'
import type { ScaleOut } from '../../src/scaling/decide.ts'
import * as known from './topologies.ts'

const shardGroups = 32
const provisioning = 10 * 60_000

/** A cluster in virtual time, as the decision sees it. Deployments take time and may fail; shards move only in `rebalance`. */
export function simulateCluster(workers: number) {
  let now = Date.UTC(2026, 10, 22)
  let size = workers
  let holding = workers
  let deployment: { endsAt: number; to: number; fails: boolean; attempt: number; blind: boolean } | undefined
  let last: LastScaleOut = { kind: 'none' }
  let rebalanceEndsAt: number | undefined
  let silentUntil = now

  function settle() {
    if (deployment && deployment.endsAt <= now) {
      const endedAt = new Date(deployment.endsAt)
      if (!deployment.fails) size = deployment.to
      last = deployment.fails
        ? { kind: 'failed', endedAt, attempt: deployment.attempt, error: 'no capacity' }
        : { kind: 'succeeded', endedAt, ...(deployment.blind && { blind: true }) }
      deployment = undefined
    }
    if (rebalanceEndsAt !== undefined && rebalanceEndsAt <= now) {
      holding = Math.min(size, shardGroups)
      rebalanceEndsAt = undefined
    }
  }

  const plan = (): Plan => {
    if (rebalanceEndsAt !== undefined) return known.running
    return holding >= Math.min(size, shardGroups) ? known.plan : known.movesPlanned
  }

  return {
    now: () => new Date(now),
    isSettled: () => !deployment && plan().reason === 'settled',
    isSilent: () => silentUntil > now,
    fallSilent(milliseconds: number) {
      silentUntil = now + milliseconds
    },
    pass(milliseconds: number) {
      now += milliseconds
      settle()
    },
    rebalance(milliseconds: number) {
      rebalanceEndsAt ??= now + milliseconds
    },
    /** False when a deployment is running, since ARM refuses a second one. */
    deploy({ workers: { to }, attempt, blind }: ScaleOut, fails: boolean): boolean {
      if (deployment) return false
      deployment = { endsAt: now + provisioning, to, fails, attempt, blind }
      return true
    },
    state: (): ClusterState => ({
      workers: size,
      condition: deployment ? { kind: 'updating', detail: 'Updating' } : { kind: 'ready' },
      lastScaleOut: deployment ? { kind: 'running', detail: 'deploying' } : last,
      sizes: { smallest: 2, largest: Infinity },
    }),
    coordinator(): Coordinator {
      if (silentUntil > now) return { kind: 'silent', message: 'out of reach' }
      const workers = Array.from({ length: size }, (_, index) => ({
        node: `w${index}`,
        shardGroups: index < holding ? Math.ceil(shardGroups / holding) : 0,
      }))
      const topology = {
        ...known.topology,
        workers,
        nodes: workers.map(({ node }) => node),
        usefulWorkers: shardGroups,
        plan: plan(),
        rebalance: rebalanceEndsAt === undefined ? undefined : known.unfinished,
        history: undefined,
      }
      return { kind: 'answered', topology }
    },
  }
}
