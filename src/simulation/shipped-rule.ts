import type { Alerting } from '../local/grafana/read-alerting.ts'

/** When the shipped rule for scale-out fires: above how many percent of CPU, after how many seconds of it, looking back so many. */
export type FiringRule = { threshold: number; for: number; window: number }

/** Reads it out of the rules of grafana/. Throws when none of them asks for scale-out by a threshold. */
export function firingRule({ rules }: Alerting): FiringRule {
  for (const { labels, expressions, condition, queries, for: seconds } of rules) {
    const expression = expressions.find(({ refId }) => refId === condition)
    if (labels.action === 'scale-out' && expression?.type === 'threshold')
      return {
        threshold: expression.conditions[0].evaluator.params[0],
        for: seconds,
        window: Math.max(...queries.map(({ from }) => from)),
      }
  }
  throw new Error('no rule of grafana/ with the label action = scale-out has a threshold as its condition')
}
