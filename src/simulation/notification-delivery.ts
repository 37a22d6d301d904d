import { notificationBody } from '../local/grafana/notification-body.ts'
import type { RandomStream } from './random-stream.ts'
import type { DueNotification } from './simulated-grafana.ts'
import { latestNotification, type Faults } from './world-facts.ts'

/** Receives the body of a notification; true is a 2xx. */
export type Receive = (body: string, now: number) => boolean

/** Delivers notifications to the function: some get lost, some arrive late or twice. Times in seconds. */
export type NotificationDelivery = {
  /** When the next delayed one arrives. */
  nextAt: () => number
  /** Sends a notification, which may arrive now, and reports the result to Grafana. */
  post: (now: number, due: DueNotification, receive: Receive) => void
  deliverDue: (now: number) => void
}

export function createNotificationDelivery(random: RandomStream, faults: Faults): NotificationDelivery {
  let underWay: { at: number; deliver: () => void }[] = []
  return {
    nextAt: () => underWay.reduce((next, { at }) => Math.min(next, at), Infinity),

    post(now, { delivery, settle }, receive) {
      const body = JSON.stringify(notificationBody(delivery.alerts, { ...delivery, externalUrl: 'http://grafana/' }))
      const { arrivesNow, arriveAfter, hears } = deliveryOutcome(random, faults)
      const isAccepted = arrivesNow && receive(body, now)
      settle(hears === 'the answer' ? isAccepted : hears === 'success')
      for (const delay of arriveAfter)
        underWay.push({ at: now + delay, deliver: () => void receive(body, now + delay) })
    },

    deliverDue(now) {
      const due = underWay.filter(({ at }) => at <= now)
      underWay = underWay.filter(({ at }) => at > now)
      for (const { deliver } of due) deliver()
    },
  }
}

type DeliveryOutcome = {
  arrivesNow: boolean
  arriveAfter: readonly number[]
  hears: 'the answer' | 'success' | 'failure'
}

function deliveryOutcome(random: RandomStream, { lost, duplicated, late }: Faults): DeliveryOutcome {
  const delay = random.uniform() * latestNotification
  // A proxy that drops a notification may still answer 200.
  if (random.chance(lost)) return { arrivesNow: false, arriveAfter: [], hears: 'success' }
  // Grafana gives up after 30 s; the request still arrives.
  if (random.chance(late)) return { arrivesNow: false, arriveAfter: [30 + delay], hears: 'failure' }
  return { arrivesNow: true, arriveAfter: random.chance(duplicated) ? [delay] : [], hears: 'the answer' }
}
