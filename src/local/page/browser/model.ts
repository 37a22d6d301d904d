import type { BusyWorker, Move } from '../../loop-event.ts'
import type { PageSetup, LoggedEvent } from '../page-event.ts'
import type { ThingState } from '../page-event.ts'
import { readAnswer, type Answer } from './read-answer.ts'
import { readStatus, type Status } from './read-status.ts'

export type Sample = {
  at: number
  workers: readonly BusyWorker[]
  moves: readonly Move[]
  settled: boolean
  /** The workers' mean CPU in percent, as the rules see it; undefined while it is not measured. */
  mean: number | undefined
  /** The mean CPU in percent, each worker weighted by its CPU: the load where the work is done. */
  felt: number
}

export type Notification = {
  kind: 'notification'
  id: number
  /** When the answer came. */
  at: number
  sentAt: number
  target: string
  title: string
  status: string
  body: string
  answer: Answer
}

/** An event that is a sentence, without an answer. */
export type Remark = { kind: 'mail' | 'tried' | 'trouble' | 'relieved'; id: number; at: number; text: string }

/** All that the page shows. */
export type Model = {
  setup: PageSetup & { things: readonly ThingState[] }
  samples: Sample[]
  events: (Notification | Remark)[]
  /** The scale-out rules that are not normal. */
  alerts: Map<string, { state: string; since: number }>
  status: Status | undefined
  /** Failed scale-outs, by the time their deployment was accepted. */
  failures: Map<number, { endedAt: number; error: string }>
}

export const emptyModel = (setup: Model['setup']): Model => ({
  setup,
  samples: [],
  events: [],
  alerts: new Map(),
  status: undefined,
  failures: new Map(),
})

/** Updates the model with an event. */
export function take(model: Model, { id, at, event }: LoggedEvent): void {
  switch (event.kind) {
    case 'workers':
      return void model.samples.push(sampleOf(at, event))
    case 'alert':
      if (event.state === 'normal') model.alerts.delete(event.title)
      else model.alerts.set(event.title, { state: event.state, since: at })
      return
    case 'posted': {
      const { sentAt, receiver, title, status, body } = event
      const answer = readAnswer(event.answer)
      return void model.events.push({
        kind: 'notification',
        id,
        at,
        sentAt,
        target: receiver,
        title,
        status,
        body,
        answer,
      })
    }
    case 'people-notified':
      return remark('mail', event.status === 'firing' ? `${event.title}: ${event.summary}` : `${event.title}: over`)
    case 'trouble':
      return remark('trouble', event.message)
    case 'relieved':
      return remark('relieved', 'The load is relieved: the alert has ended and the shards are spread.')
    case 'tried':
      model.setup.things = event.things
      return remark('tried', event.message)
    case 'status':
      model.status = readStatus(event.report)
      for (const { kind, ended, startedAt, endedAt, error } of model.status?.history ?? [])
        if (kind === 'scale-out' && ended === 'failed' && startedAt)
          model.failures.set(Date.parse(startedAt), { endedAt: Date.parse(endedAt ?? startedAt), error: error ?? '' })
  }

  function remark(kind: Remark['kind'], text: string) {
    model.events.push({ kind, id, at, text })
  }
}

type Seen = { workers: readonly BusyWorker[]; moves: readonly Move[]; settled: boolean; isMeasured: boolean }

function sampleOf(at: number, { workers, moves, settled, isMeasured }: Seen): Sample {
  const percents = workers.map(({ percent }) => percent)
  const sum = percents.reduce((total, percent) => total + percent, 0)
  const squares = percents.reduce((total, percent) => total + percent ** 2, 0)
  return {
    at,
    workers,
    moves,
    settled,
    mean: isMeasured && percents.length > 0 ? sum / percents.length : undefined,
    felt: sum === 0 ? 0 : squares / sum,
  }
}

/** The notifications that were sent to that function, oldest first. */
export const notificationsTo = ({ events }: Pick<Model, 'events'>, name: 'scale-out' | 'rebalance'): Notification[] =>
  events.filter((entry) => entry.kind === 'notification').filter(({ target }) => target.endsWith(name))

/** The whole minutes since the first measurement. */
export const minuteOf = ({ samples }: Model, at: number): number =>
  Math.max(0, Math.floor((at - (samples[0]?.at ?? at)) / 60_000))
