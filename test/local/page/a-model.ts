import { emptyModel, take, type Model } from '../../../src/local/page/browser/model.ts'
import type { PageEvent } from '../../../src/local/page/page-event.ts'

export const minute = 60_000

/** The event with the workers: the shard groups and the CPU of each. */
export const workers = (
  held: readonly [groups: number, percent: number][],
  more: { settled?: boolean; isMeasured?: boolean; moving?: boolean } = {},
): PageEvent => ({
  kind: 'workers',
  workers: held.map(([groups, percent], index) => ({
    node: `worker-${index + 1}:5432`,
    groups: Array.from({ length: groups }, (_, group) => `${index}${group}`),
    percent,
  })),
  moves: more.moving ? [{ group: '00', from: 'worker-1:5432', to: 'worker-3:5432' }] : [],
  settled: more.settled ?? true,
  isMeasured: more.isMeasured ?? true,
})

/** An answered notification, sent at that minute. */
export const posted = (target: string, sentMinute: number, answer: string, status = 'firing'): PageEvent => ({
  kind: 'posted',
  sentAt: sentMinute * minute,
  receiver: `demo-${target}`,
  title: 'demo: CPU of the workers is high',
  status,
  body: '{}',
  answer,
})

export const accepted = (from: number, to: number) =>
  `202 ${JSON.stringify({ outcome: 'started', reason: 'scaling-out', message: 'The cluster grows.', workers: { from, to } })}`

export const answered = (reason: string, more: object = {}) =>
  `200 ${JSON.stringify({ outcome: 'held', reason, message: 'It is held.', ...more })}`

export const alert = (state: string): PageEvent => ({
  kind: 'alert',
  title: 'CPU of the workers is high',
  state,
  cpu: 95,
})

/** The model after these events, each at its minute. */
export function modelOf(events: readonly (readonly [minute: number, event: PageEvent])[]): Model {
  const model = emptyModel({
    startedAt: 0,
    cluster: 'demo',
    speed: 60,
    thresholds: [
      { title: 'severe', above: 92, below: 92 },
      { title: 'high', above: 75, below: 67 },
    ],
    provisionMinutes: 10,
    things: [],
  })
  for (const [index, [at, event]] of events.entries()) take(model, { id: index + 1, at: at * minute, event })
  return model
}
