import { readHistory } from '../citus/read-history.ts'
import { readTopology } from '../citus/read-topology.ts'
import type { Reading } from '../cluster/cluster.ts'
import { openCluster } from '../cluster/open-cluster.ts'
import type { LastScaleOut, Topology } from '../scaling/cluster-state.ts'
import { decide } from '../scaling/decide.ts'
import { mergeHistory, type HistoryEntry } from '../scaling/merge-history.ts'
import { reasons, type Reason } from '../scaling/reasons.ts'
import type { Settings } from '../settings.ts'
import type { Answer } from './answer.ts'
import { upstreamAnswer, type Respond } from './respond.ts'
import { scalingPolicy } from './scaling-policy.ts'

/**
 * The state of the cluster, and as `next` the answer that a scale-out would get now. It changes nothing. The CPU value of a future alert
 * is unknown, so the size in `next` is that of SCALE_OUT_STEP. When Azure or the database fails, the report says so.
 */
export const status: Respond = async (_request, settings, now) => {
  const reading = await readOrFailure(settings, now)
  const topology = await topologyOf(reading, settings)
  const { history, warnings } = await historyOrWarning(settings, topology, reading, now)
  const next = nextOf(reading, settings, now)
  return {
    reason: 'status',
    message: `A scale-out now would be answered ${next.reason}: ${next.message}`,
    next,
    cluster: {
      name: settings.CLUSTER_NAME,
      kind: settings.cluster.CLUSTER_KIND,
      workers: reading.kind === 'read' ? reading.state.workers : (topology?.workers.length ?? null),
      condition: reading.kind === 'read' ? reading.state.condition : null,
      nodes: topology?.workers.map(({ node, shardGroups }) => ({ node, shardGroups })) ?? null,
      usefulWorkers: topology?.usefulWorkers ?? null,
      workersChangedAt: topology?.history?.lastRiseAt ?? null,
    },
    lastScaleOut: reading.kind === 'read' ? reading.state.lastScaleOut : null,
    rebalance: topology ? rebalanceOf(topology) : null,
    history,
    warnings: [...(reading.kind === 'read' ? reading.warnings : []), ...warnings],
  }
}

type Next = { outcome: string; reason: Reason; message: string; workers?: { from: number; to: number }; until?: Date }

type Read = ({ kind: 'read' } & Reading) | { kind: 'failed'; answer: Answer }

async function readOrFailure(settings: Settings, now: Date): Promise<Read> {
  try {
    return { kind: 'read', ...(await openCluster(settings, now).read()) }
  } catch (error) {
    return { kind: 'failed', answer: upstreamAnswer(error) }
  }
}

/** Reads the shards from the coordinator also when Azure did not answer. */
async function topologyOf(reading: Read, settings: Settings): Promise<Topology | undefined> {
  if (reading.kind === 'read') return reading.coordinator.kind === 'answered' ? reading.coordinator.topology : undefined
  if (reading.answer.reason.startsWith('citus-')) return undefined
  return readTopology(settings.database, settings.REBALANCE_STRATEGY).catch((error: unknown) => {
    upstreamAnswer(error)
    return undefined // the report already names the failure of Azure
  })
}

function nextOf(reading: Read, settings: Settings, now: Date): Next {
  if (reading.kind === 'failed') {
    const { reason, message, until } = reading.answer
    return { outcome: reasons[reason].outcome, reason, message, ...(until && { until }) }
  }
  const { state, coordinator } = reading
  const decision = decide({ state, coordinator, cpu: undefined, policy: scalingPolicy(settings), now })
  const reason = decision.kind === 'hold' ? decision.reason : 'scaling-out'
  const { message, workers } = decision
  const until = decision.kind === 'hold' ? decision.until : undefined
  return { outcome: reasons[reason].outcome, reason, message, workers, ...(until && { until }) }
}

function rebalanceOf({ plan, rebalance, failedRebalanceStart: failed }: Topology) {
  const { reason, moves, message } = plan
  return {
    settled: reason === 'settled',
    plan: { moves: moves ?? null, message },
    ...(rebalance && {
      job: rebalance.job,
      state: rebalance.state,
      startedAt: rebalance.startedAt ?? null,
      finishedAt: rebalance.finishedAt ?? null,
      tasks: { done: rebalance.tasksDone, total: rebalance.tasksTotal },
      stuck: rebalance.isStuck,
      cause: rebalance.cause ?? null,
      error: rebalance.error ?? null,
      retries: rebalance.retries ?? 0,
      nextTryAt: rebalance.nextTryAt ?? null,
      waitingFor: rebalance.waitingFor ?? null,
    }),
    ...(failed && { failedStart: failed }),
  }
}

async function historyOrWarning(
  { database }: Settings,
  topology: Topology | undefined,
  reading: Read,
  now: Date,
): Promise<{ history: HistoryEntry[]; warnings: string[] }> {
  const lastScaleOut: LastScaleOut = reading.kind === 'read' ? reading.state.lastScaleOut : { kind: 'none' }
  if (!topology) return { history: mergeHistory({ growths: [], rebalances: [] }, lastScaleOut, now), warnings: [] }
  try {
    return { history: mergeHistory(await readHistory(database), lastScaleOut, now), warnings: [] }
  } catch (error) {
    const { message } = upstreamAnswer(error)
    return { history: mergeHistory({ growths: [], rebalances: [] }, lastScaleOut, now), warnings: [message] }
  }
}
