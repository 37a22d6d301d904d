import type { Reading } from '../cluster/cluster.ts'
import { joining } from '../citus/joining.ts'
import { openCluster } from '../cluster/open-cluster.ts'
import { decide, pausedHold, type ScaleOut } from '../scaling/decide.ts'
import type { Settings } from '../settings.ts'
import { meanCpu } from '../webhook/mean-cpu.ts'
import { warned, type Answer } from './answer.ts'
import { onNotification } from './on-notification.ts'
import { upstreamAnswer } from './respond.ts'
import { scalingPolicy } from './scaling-policy.ts'

// What several notifications need at the same time is read once, and of what they ask for at the same time one is done.
const readings = joining<Settings, Reading>()
const orders = joining<Settings, Answer>()

/** Reads the cluster, decides, and starts its growth; never waits for its end. */
export const scaleOut = onNotification('scale-out', async (firing, settings, now, note) => {
  if (settings.AUTOSCALE_MODE === 'paused') return pausedHold
  const cpu = meanCpu(firing, settings.SCALE_OUT_CPU_REF_ID)
  const { result: reading } = await readings(settings, () => openCluster(settings, now).read())
  const { state, coordinator, warnings } = reading
  const decision = decide({ state, coordinator, cpu, policy: scalingPolicy(settings), now })
  note({ cpu, state, coordinator })
  if (decision.kind === 'hold') {
    const { reason, message, workers, until } = decision
    return { reason, message, workers, ...warned(warnings), ...(until && { until }) }
  }
  const { labels, fingerprint } = firing[0]
  const because = `${labels.alertname ?? 'an alert'}${cpu === undefined ? '' : `, mean CPU ${cpu.toFixed(1)} %`}`
  const { result: answer, isOwn } = await orders(settings, () => grow(reading, decision, because, fingerprint))
  if (isOwn || answer.reason !== 'scaling-out') return answer
  const { from } = decision.workers
  return {
    reason: 'operation-in-progress',
    message: 'Another notification has just started a scale-out.',
    workers: { from, to: from },
    ...warned(warnings),
  }
})

async function grow(reading: Reading, decision: ScaleOut, because: string, fingerprint: string): Promise<Answer> {
  const { workers, attempt, blind, message } = decision
  const warnings = warned(reading.warnings)
  const stays = { workers: { from: workers.from, to: workers.from }, ...warnings }
  try {
    const start = await reading.scaleOut({ ...workers, attempt, blind, reason: because, fingerprint })
    if (start.kind === 'operation-in-progress') return { reason: start.kind, message: start.message, ...stays }
    return { reason: 'scaling-out', message, workers, ...warnings, ...start.details }
  } catch (error) {
    return { ...upstreamAnswer(error), ...stays }
  }
}
