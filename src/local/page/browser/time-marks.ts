import { minuteOf, type Model } from './model.ts'
import { splitGrowths } from './split-growths.ts'

export type Span = { start: number; end: number; text: string; failed: boolean }

/** A mark for each notification, with its answer. */
export const notificationMarks = (model: Model) =>
  model.events
    .filter((entry) => entry.kind === 'notification')
    .map(({ sentAt, target, answer }) => ({
      at: sentAt,
      outcome: answer.outcome,
      text: `minute ${minuteOf(model, sentAt)}, ${target}: ${answer.reason ?? 'no answer'}`,
    }))

/** Spans from the acceptance of a deployment until its workers came, it failed, or now. */
export function growthSpans(model: Model): Span[] {
  const now = model.samples.at(-1)?.at ?? 0
  return splitGrowths(model).map(({ from, to, acceptedAt, arrivedAt, failed }) => ({
    start: acceptedAt,
    end: failed?.endedAt ?? arrivedAt ?? now,
    text: `${from} → ${to} workers${failed ? `, failed: ${failed.error}` : ''}`,
    failed: failed !== undefined,
  }))
}

/** Spans in which shards moved. */
export function rebalanceSpans({ samples }: Model): Span[] {
  const spans: Span[] = []
  for (const [index, { at, moves }] of samples.entries()) {
    if (moves.length === 0) continue
    const open = samples[index - 1]?.moves.length ? spans.at(-1) : undefined
    if (open) open.end = at
    else spans.push({ start: at, end: at, text: 'shards move', failed: false })
  }
  return spans
}
