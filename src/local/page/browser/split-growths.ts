import type { Threshold } from '../page-event.ts'
import { notificationsTo, type Model, type Notification, type Sample } from './model.ts'

/**
 * A scale-out and the times at which its phases ended, undefined until then: *detect* is from `crossedAt` to `notifiedAt`, *decide* to
 * `acceptedAt`, *provision* to `arrivedAt`, *move* to `spreadAt`; *relief* from `crossedAt` to `relievedAt`, as in the simulation's split-time.
 */
export type Growth = {
  from: number
  to: number
  crossedAt: number
  notifiedAt: number
  acceptedAt: number
  arrivedAt?: number
  spreadAt?: number
  relievedAt?: number
  failed?: { endedAt: number; error: string }
}

const minute = 60_000
/** How long the CPU must stay below the threshold to count as relieved. */
const patience = 3 * minute

type SplitInput = Pick<Model, 'samples' | 'events' | 'failures' | 'setup'>

/** The scale-outs that alerts asked for, oldest first. */
export function splitGrowths({ samples, events, failures, setup }: SplitInput): Growth[] {
  const asked = notificationsTo({ events }, 'scale-out')
  const growths: Growth[] = []
  for (const entry of asked) {
    const { reason, workers } = entry.answer
    if (reason === 'scaling-out' && workers) growths.push(growthOf(entry, workers, growths.at(-1)))
  }
  return growths

  function growthOf({ at, sentAt }: Notification, { from, to }: { from: number; to: number }, before?: Growth): Growth {
    const threshold = lowest(setup.thresholds)
    const crossedAt = crossing(samples, sentAt, before?.spreadAt ?? 0, threshold)
    const notified = asked.find((entry) => entry.status === 'firing' && entry.sentAt >= crossedAt)
    const notifiedAt = Math.min(notified?.sentAt ?? sentAt, sentAt)
    const growth: Growth = { from, to, crossedAt, notifiedAt, acceptedAt: at }
    const failure = [...failures].find(([startedAt]) => Math.abs(startedAt - at) < 2 * minute)
    if (failure) return { ...growth, failed: failure[1] }
    const after = samples.filter((sample) => sample.at >= sentAt)
    const arrivedAt = after.find(({ workers }) => workers.length >= to)?.at
    if (arrivedAt === undefined) return growth
    const spreadAt = after.find((sample) => sample.at >= arrivedAt && isSpread(sample))?.at
    const relievedAt = relief(after, arrivedAt, threshold.above)
    return {
      ...growth,
      arrivedAt: Math.max(arrivedAt, at),
      ...(spreadAt !== undefined && { spreadAt: Math.max(spreadAt, at) }),
      ...(relievedAt !== undefined && { relievedAt }),
    }
  }
}

/** The rule with the lowest threshold. */
export function lowest(thresholds: readonly Threshold[]): Threshold {
  const [first = { title: '', above: 100, below: 100 }] = [...thresholds].sort((a, b) => a.above - b.above)
  return first
}

const isSpread = ({ settled, workers }: Sample) => settled && workers.every(({ groups }) => groups.length > 0)

/** The first sample above the threshold since the CPU was below the recovery threshold, or since the scale-out before. */
function crossing(samples: readonly Sample[], until: number, earliest: number, { above, below }: Threshold): number {
  let crossed = until
  for (const { at, mean } of samples.filter((sample) => sample.at >= earliest && sample.at <= until).reverse()) {
    if ((mean ?? 0) < below) break
    if ((mean ?? 0) > above) crossed = at
  }
  return crossed
}

function relief(samples: readonly Sample[], arrivedAt: number, threshold: number): number | undefined {
  let since: number | undefined
  for (const { at, felt } of samples) {
    if (at < arrivedAt) continue
    if (felt > threshold) since = undefined
    else since ??= at
    if (since !== undefined && at - since >= patience) return since
  }
  return undefined
}
