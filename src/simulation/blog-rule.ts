import type { Alerting, AlertRule } from '../local/grafana/read-alerting.ts'
import { overPercent } from './world-facts.ts'

/**
 * The rule of the blog that this project is based on: mean CPU of five minutes above 80 %, for three minutes, until it is below 70 %. It is
 * defined here, so that changes in grafana/ don't change the policies that use it.
 * @param late seconds until a minute of CPU can be read
 */
export function blogAlerting(alerting: Alerting, late: number): Alerting {
  const shipped = alerting.rules.find(({ labels }) => labels.action === 'scale-out')
  const receiver = shipped?.routing?.receiver
  if (!shipped || receiver === undefined)
    throw new Error('no rule of grafana/ with the label action = scale-out has a receiver')
  const rule: AlertRule = {
    ...shipped,
    uid: 'blog',
    title: 'The rule of the blog',
    interval: 60,
    for: 180,
    keepFiringFor: 0,
    queries: [{ refId: 'workers_metric', dataSource: 'simulated', model: {}, from: late + 300, to: late }],
    expressions: [
      {
        refId: 'cpu_percent',
        type: 'reduce',
        expression: 'workers_metric',
        reducer: 'mean',
        settings: { kind: 'dropNN' },
      },
      {
        refId: 'hot',
        type: 'threshold',
        expression: 'cpu_percent',
        conditions: [
          { evaluator: { type: 'gt', params: [overPercent] }, unloadEvaluator: { type: 'lt', params: [70] } },
        ],
      },
    ],
    condition: 'hot',
    routing: {
      receiver,
      groupBy: ['alertname', 'grafana_folder'],
      groupWait: 0,
      groupInterval: 60,
      repeatInterval: 150,
      mutedBy: [],
    },
  }
  return { ...alerting, rules: [rule] }
}
