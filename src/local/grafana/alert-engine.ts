import { isFiring, type Alert } from './alert.ts'
import { loadedKeys, nextRuleState, type RuleState } from './alert-state.ts'
import type { InstanceState } from './instance-state.ts'
import type { Integration } from './contact-point.ts'
import { evaluateRule, type Evaluation, type QueryResult } from './evaluate-rule.ts'
import { fingerprint, type Labels } from './labels.ts'
import { isMuted } from './mute-timing.ts'
import { emptyGroup, flush, recordSent, withAlert, type NotificationGroup } from './notification-group.ts'
import type { Alerting, AlertRule } from './read-alerting.ts'
import type { Routing } from './routing.ts'

/** A notification for one integration of a contact point. */
export type Delivery = {
  receiver: string
  integration: Integration
  groupKey: string
  groupLabels: Labels
  alerts: readonly Alert[]
}

/** Rules and notifications. Every call gets the time, so that it can be simulated. */
export type AlertEngine = {
  /** When there is something to do next. */
  nextAt: () => Date
  /** The rules whose evaluation is due; a rule is returned once per evaluation. */
  takeDueRules: (now: Date) => readonly AlertRule[]
  /** Evaluates a rule with the answers to its queries, by refId. */
  evaluate: (rule: AlertRule, answers: ReadonlyMap<string, QueryResult>, now: Date) => Evaluation
  /** The instances of a rule after its last evaluation. */
  instancesOf: (rule: AlertRule) => readonly InstanceState[]
  /** The notifications that are due. A group with a notification under way is skipped until `settle` is called for it. */
  takeDueDeliveries: (now: Date) => readonly Delivery[]
  /** Reports whether a notification was delivered; if not, the group's next flush sends it again. */
  settle: (delivery: Delivery, wasDelivered: boolean, now: Date) => void
}

type Group = { routing: Routing; delivery: Omit<Delivery, 'alerts'>; state: NotificationGroup; isSending: boolean }

/** Throws when the contact point or the mute timing of a rule does not exist. */
export function createAlertEngine(alerting: Alerting, startedAt: Date): AlertEngine {
  const { rules, contactPoints } = alerting
  const evaluateAt = new Map(rules.map((rule) => [rule, startedAt]))
  const states = new Map<string, RuleState>()
  const groups = new Map<string, Group>()
  const routes = new Map<Routing, string>()
  for (const { uid, routing } of rules) {
    integrationsOf(routing.receiver)
    const unknown = routing.mutedBy.find((name) => !alerting.muteTimings.some((muteTiming) => muteTiming.name === name))
    if (unknown !== undefined) throw new Error(`rule ${uid}: there is no mute timing ${unknown}`)
  }

  function integrationsOf(receiver: string) {
    const contactPoint = contactPoints.find(({ name }) => name === receiver)
    if (!contactPoint) throw new Error(`there is no contact point ${receiver}, to which a rule sends`)
    return contactPoint.integrations
  }

  // A muted alert is not recorded as sent, so it is due again at the group's next flush.
  const isMutedNow = ({ mutedBy }: Routing, now: Date) =>
    alerting.muteTimings.some((muteTiming) => mutedBy.includes(muteTiming.name) && isMuted(muteTiming, now))

  function notify(rule: AlertRule, alert: Alert, now: Date) {
    for (const integration of integrationsOf(rule.routing.receiver)) {
      const group = groupFor(rule.routing, integration, alert.labels)
      group.state = withAlert(group.state, alert, rule.routing, now)
    }
  }

  function groupFor(routing: Routing, integration: Integration, labels: Labels): Group {
    const groupLabels = pickLabels(labels, routing.groupBy)
    const route = routes.get(routing) ?? routeKey(routing)
    routes.set(routing, route)
    const delivery = {
      receiver: routing.receiver,
      integration,
      groupKey: `${route}:${showLabels(groupLabels)}`,
      groupLabels,
    }
    const key = keyOf(delivery)
    const group = groups.get(key) ?? { routing, delivery, state: emptyGroup, isSending: false }
    groups.set(key, group)
    return group
  }

  return {
    nextAt() {
      let next = Infinity
      for (const at of evaluateAt.values()) next = Math.min(next, at.getTime())
      for (const { state, isSending } of groups.values())
        if (!isSending && state.flushAt) next = Math.min(next, state.flushAt.getTime())
      return new Date(next)
    },

    takeDueRules(now) {
      const due = rules.filter((rule) => (evaluateAt.get(rule) ?? now) <= now)
      for (const rule of due) evaluateAt.set(rule, nextTick(startedAt, rule.interval, now))
      return due
    },

    evaluate(rule, answers, now) {
      const before: RuleState = states.get(rule.uid) ?? new Map()
      const evaluation = evaluateRule(rule, answers, loadedKeys(before))
      const { state, alerts } = nextRuleState(rule, before, evaluation, now)
      states.set(rule.uid, state)
      for (const alert of alerts) notify(rule, alert, now)
      return evaluation
    },

    instancesOf: (rule) => [...(states.get(rule.uid)?.values() ?? [])],

    takeDueDeliveries(now) {
      return [...groups.values()].flatMap((group) => {
        if (group.isSending) return []
        const flushed = flush(group.state, group.routing, group.delivery.integration.disableResolveMessage, now)
        group.state = flushed.group
        group.isSending = flushed.due.length > 0 && !isMutedNow(group.routing, now)
        return group.isSending ? [{ ...group.delivery, alerts: flushed.due }] : []
      })
    },

    settle(delivery, wasDelivered, now) {
      const group = groups.get(keyOf(delivery))
      if (!group) throw new Error(`nothing was due for ${delivery.groupKey}`)
      group.isSending = false
      if (wasDelivered) group.state = recordSent(group.state, delivery.alerts, now)
    },
  }
}

const keyOf = ({ groupKey, integration }: Omit<Delivery, 'alerts'>) => `${groupKey} ${integration.uid}`

/** Whether any instance of the rule fires. */
export const isAlerting = (instances: readonly InstanceState[]): boolean =>
  instances.some(({ state }) => state === 'alerting')

/** How many alerts of a delivery fire. */
export const firingCount = ({ alerts }: Delivery): number => alerts.filter(isFiring).length

function nextTick(startedAt: Date, interval: number, now: Date): Date {
  const passed = Math.floor((now.getTime() - startedAt.getTime()) / (interval * 1000))
  return new Date(Math.ceil(startedAt.getTime() + (passed + 1) * interval * 1000))
}

function routeKey(routing: Routing): string {
  const settings = fingerprint({ routing: JSON.stringify(routing) })
  return `{}/{__grafana_receiver__="${routing.receiver}"}/{__grafana_route_settings_hash__="${settings}"}`
}

function pickLabels(labels: Labels, names: readonly string[]): Labels {
  if (names.includes('...')) return labels
  return Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)))
}

const showLabels = (labels: Labels) =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`
