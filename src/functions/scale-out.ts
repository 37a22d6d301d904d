import { openCluster } from '../cluster/open-cluster.ts'
import { decide, pausedHold } from '../scaling/decide.ts'
import { meanCpu } from '../webhook/mean-cpu.ts'
import { onNotification } from './on-notification.ts'
import { upstreamAnswer } from './respond.ts'
import { scalingPolicy } from './scaling-policy.ts'

/** Reads the cluster, decides, and starts its growth; never waits for its end. */
export const scaleOut = onNotification(async (firing, settings, now, note) => {
  if (settings.AUTOSCALE_MODE === 'paused') return pausedHold
  const cpu = meanCpu(firing, settings.SCALE_OUT_CPU_REF_ID)
  const reading = await openCluster(settings, now).read()
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
  const stays = { workers: { from: workers.from, to: workers.from }, warnings }
  try {
    const start = await reading.scaleOut({ ...workers, attempt, reason, fingerprint })
    if (start.kind === 'operation-in-progress') return { reason: start.kind, message: start.message, ...stays }
    return { reason: 'scaling-out', message: decision.message, workers, warnings, ...start.details }
  } catch (error) {
    return { ...upstreamAnswer(error), ...stays }
  }
})
