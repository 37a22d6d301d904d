import type { Reading } from '../cluster/cluster.ts'
import { singleFlight } from '../single-flight.ts'
import { openCluster } from '../cluster/open-cluster.ts'
import { decide, type ScaleOut } from '../scaling/decide.ts'
import { pausedHold } from '../scaling/paused-hold.ts'
import type { Settings } from '../settings.ts'
import { meanCpu } from '../webhook/mean-cpu.ts'
import { warningsField, type Answer } from './answer.ts'
import { onNotification } from './on-notification.ts'
import { upstreamAnswer } from './respond.ts'
import { scalingPolicy } from './scaling-policy.ts'

// Notifications that arrive at the same time share one reading of the cluster, and start one scale-out together.
const readings = singleFlight<Settings, Reading>()
const orders = singleFlight<Settings, Answer>()

/** Reads the cluster, decides, and starts a scale-out; never waits for its end. */
export const scaleOut = onNotification('scale-out', async (firing, settings, now, note) => {
  if (settings.AUTOSCALE_MODE === 'paused') return pausedHold('AUTOSCALE_MODE')
  const cpu = meanCpu(firing, settings.SCALE_OUT_CPU_REF_ID)
  const { result: reading } = await readings(settings, () => openCluster(settings, now).read())
  const { state, coordinator, warnings } = reading
  const decision = decide({ state, coordinator, cpu, policy: scalingPolicy(settings), now })
  note({ cpu, state, coordinator })
  if (decision.kind === 'hold') {
    const { reason, message, workers, until } = decision
    return { reason, message, workers, ...warningsField(warnings), ...(until && { until }) }
  }
  const { labels, fingerprint } = firing[0]
  const trigger = `${labels.alertname ?? 'an alert'}${cpu === undefined ? '' : `, mean CPU ${cpu.toFixed(1)} %`}`
  const { result: answer, isOwn } = await orders(settings, () => grow(reading, decision, trigger, fingerprint))
  if (isOwn || answer.reason !== 'scaling-out') return answer
  const { from } = decision.workers
  return {
    reason: 'operation-in-progress',
    message: 'Another notification has just started a scale-out.',
    workers: { from, to: from },
    ...warningsField(warnings),
  }
})

async function grow(reading: Reading, decision: ScaleOut, trigger: string, fingerprint: string): Promise<Answer> {
  const { workers, attempt, blind, message } = decision
  const warnings = warningsField(reading.warnings)
  const stays = { workers: { from: workers.from, to: workers.from }, ...warnings }
  try {
    const start = await reading.scaleOut({ ...workers, attempt, blind, reason: trigger, fingerprint })
    if (start.kind === 'operation-in-progress') return { reason: start.kind, message: start.message, ...stays }
    return { reason: 'scaling-out', message, workers, ...warnings, ...start.details }
  } catch (error) {
    return { ...upstreamAnswer(error), ...stays }
  }
}
