import { createAlertEngine, isAlerting, type AlertEngine, type Delivery } from '../local/grafana/alert-engine.ts'
import type { QueryResult } from '../local/grafana/evaluate-rule.ts'
import type { Alerting, AlertRule } from '../local/grafana/read-alerting.ts'
import { dateAt, simulationStart } from './load.ts'
import type { Metrics } from './metrics.ts'

/** A notification that is due, and what is told of it afterwards. */
export type DueNotification = { delivery: Delivery; settle: (wasDelivered: boolean) => void }

/** The rules of one action and their notifications, in simulated seconds. */
export type SimulatedGrafana = {
  /** When there is something to do next; what was left undone in the past is left for the next time on the clock of its rules. */
  nextAt: (now: number) => number
  evaluate: (now: number) => void
  due: (now: number) => DueNotification[]
  isAlerting: () => boolean
}

export type SimulatedGrafanaOptions = {
  alerting: Alerting
  /** The label of the rules to evaluate. */
  action: string
  metrics: Metrics
  /** Seconds after the start at which the first evaluation is. */
  phase: number
  /** Whether no rule can find anything: then those that found nothing before are not evaluated, which is most of the time and costs most. */
  isCalm: (now: number) => boolean
}

/** The shipped rules with one `action`, on the alert engine that also plays Grafana in the local loop. */
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
