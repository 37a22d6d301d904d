import { createAlertEngine, isAlerting, type AlertEngine, type Delivery } from '../local/grafana/alert-engine.ts'
import type { QueryResult } from '../local/grafana/evaluate-rule.ts'
import type { Alerting, AlertRule } from '../local/grafana/read-alerting.ts'
import { dateAt, simulationStart } from './load.ts'
import type { Metrics } from './metrics.ts'

/** A notification that is due; `settle` reports whether it was delivered. */
export type DueNotification = { delivery: Delivery; settle: (wasDelivered: boolean) => void }

/** The rules of one action and their notifications, in simulated seconds. */
export type SimulatedGrafana = {
  /** When there is something to do next. Skipped evaluations are not made up for: the next one is at the rules' next interval. */
  nextAt: (now: number) => number
  evaluate: (now: number) => void
  due: (now: number) => DueNotification[]
  isAlerting: () => boolean
}

export type SimulatedGrafanaOptions = {
  alerting: Alerting
  /** The label `action` of the rules to evaluate. */
  action: string
  metrics: Metrics
  /** The first evaluation, in seconds after the start. */
  phase: number
  /** Whether no rule can find anything. Rules in state normal are then not evaluated, which saves most of the time. */
  isCalm: (now: number) => boolean
}

/** The rules with one `action`, on the alert engine of the local loop's stand-in for Grafana. */
export function simulatedGrafana(options: SimulatedGrafanaOptions): SimulatedGrafana {
  const { alerting, action, metrics, phase, isCalm } = options
  const rules = alerting.rules.filter(({ labels }) => labels.action === action)
  if (rules.length === 0) throw new Error(`no rule of grafana/ has the label action = ${action}`)
  const interval = Math.min(...rules.map((rule) => rule.interval))
  const engine: AlertEngine = createAlertEngine({ ...alerting, rules }, dateAt(phase))

  const answers = ({ queries }: AlertRule, now: number): Map<string, QueryResult> =>
    new Map(queries.map((query) => [query.refId, metrics.answer(query, now)]))

  return {
    nextAt(now) {
      const next = (engine.nextAt().getTime() - simulationStart) / 1000
      return next >= now ? next : phase + Math.ceil((now - phase) / interval) * interval
    },
    evaluate(now) {
      const due = engine.takeDueRules(dateAt(now))
      const isIdle = (rule: AlertRule) => engine.instancesOf(rule).every(({ state }) => state === 'normal')
      for (const rule of due) if (!isIdle(rule) || !isCalm(now)) engine.evaluate(rule, answers(rule, now), dateAt(now))
    },
    due: (now) =>
      engine.takeDueDeliveries(dateAt(now)).map((delivery) => ({
        delivery,
        settle: (wasDelivered) => engine.settle(delivery, wasDelivered, dateAt(now)),
      })),
    isAlerting: () => rules.some((rule) => isAlerting(engine.instancesOf(rule))),
  }
}
