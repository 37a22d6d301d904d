import { readRebalanceStatus, type RebalanceStatus } from '../citus/rebalance-status.ts'
import { openCluster } from '../cluster/open-cluster.ts'
import { decide } from '../scaling/decide.ts'
import { UpstreamError } from '../upstream-error.ts'
import type { Respond } from './respond.ts'
import { scalingPolicy } from './scaling-policy.ts'

/**
 * What is there now, and what a scale-out would be answered now and why, as the answer's own reason and message. It changes
 * nothing. An alert may bring a CPU value, which nobody knows beforehand: the size named here is that of a step without one.
 */
export const status: Respond = async (_request, settings, now) => {
  const [{ state, topology, warnings }, { rebalance, unread }] = await Promise.all([
    openCluster(settings, now).read(),
    readRebalanceOrWarning(settings.PG_CONNECTION_URL),
  ])
  const decision = decide({ state, topology, cpu: undefined, policy: scalingPolicy(settings), now })
  const reason = decision.kind === 'hold' ? decision.reason : 'scaling-out'
  return {
    reason,
    message: `A scale-out now would be answered: ${decision.message}`,
    ...(decision.kind === 'hold' && decision.until && { until: decision.until }),
    workers: decision.workers,
    cluster: {
      name: settings.CLUSTER_NAME,
      kind: settings.cluster.CLUSTER_KIND,
      workers: state.workers,
      condition: state.condition,
      nodes: topology?.workers ?? null,
      usefulWorkers: topology?.usefulWorkers ?? null,
      workersChangedAt: topology?.workersChangedAt ?? null,
    },
    lastScaleOut: state.lastScaleOut,
    rebalance: rebalance && { ...rebalance, stuck: isStuck(rebalance) },
    warnings: [...warnings, ...unread],
  }
}

async function readRebalanceOrWarning(url: string): Promise<{ rebalance: RebalanceStatus | null; unread: string[] }> {
  try {
    return { rebalance: (await readRebalanceStatus(url)) ?? null, unread: [] }
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
    return { rebalance: null, unread: [error.message] }
  }
}

const isStuck = ({ finishedAt, unfinished }: RebalanceStatus) =>
  finishedAt === null && unfinished.some(({ retries, status }) => retries > 0 || status === 'error')
