import { openCluster } from '../cluster/open-cluster.ts'
import { decide, pausedHold } from '../scaling/decide.ts'
import type { Settings } from '../settings.ts'
import { meanCpu } from '../webhook/mean-cpu.ts'
import type { Alert } from '../webhook/notification.ts'
import type { Answer } from './answer.ts'
import { receiveNotification } from './receive-notification.ts'
import type { Note, Respond } from './respond.ts'
import { scalingPolicy } from './scaling-policy.ts'

/** Reads the cluster, decides, and starts its growth; never waits for its end. */
export const scaleOut: Respond = async (request, settings, now, note) => {
  const received = await receiveNotification(request, settings, now)
  if (received.kind === 'answer') return received.answer
  return { ...(await grow(received.firing, settings, now, note)), alerts: received.counts }
}

async function grow(firing: readonly [Alert, ...Alert[]], settings: Settings, now: Date, note: Note): Promise<Answer> {
  if (settings.AUTOSCALE_MODE === 'paused') return pausedHold
  const cpu = meanCpu(firing, settings.SCALE_OUT_CPU_REF_ID)
  const reading = await openCluster(settings).read()
  const { state, topology, warnings } = reading
  const decision = decide({ state, topology, cpu, policy: scalingPolicy(settings), now })
  note({ cpu, state, topology })
  if (decision.kind === 'hold') {
    const { reason, message, workers, until } = decision
    return { reason, message, workers, warnings, ...(until && { until }) }
  }
  const { workers, attempt } = decision
  const { labels, fingerprint } = firing[0]
  const reason = `${labels.alertname ?? 'an alert'}${cpu === undefined ? '' : `, mean CPU ${cpu.toFixed(1)} %`}`
  const start = await reading.scaleOut({ ...workers, attempt, reason, fingerprint })
  if (start.kind === 'operation-in-progress') {
    const { kind, message } = start
    return { reason: kind, message, workers: { from: workers.from, to: workers.from }, warnings }
  }
  const { deployment, message = decision.message, to = workers.to } = start
  return {
    reason: 'scaling-out',
    message,
    workers: { from: workers.from, to },
    ...(deployment && { deployment }),
    warnings: [...warnings, ...(start.warnings ?? [])],
  }
}
