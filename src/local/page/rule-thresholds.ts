import type { Alerting } from '../grafana/read-alerting.ts'
import type { Threshold } from './page-event.ts'

/** The thresholds of the scale-out rules. */
export const ruleThresholds = ({ rules }: Alerting): Threshold[] =>
  rules
    .filter(({ labels }) => labels.action === 'scale-out')
    .flatMap(({ title, condition, expressions }) =>
      expressions.flatMap((expression) => {
        if (expression.refId !== condition || expression.type !== 'threshold') return []
        const [{ evaluator, unloadEvaluator }] = expression.conditions
        const above = evaluator.params[0]
        return above === undefined ? [] : [{ title, above, below: unloadEvaluator?.params[0] ?? above }]
      }),
    )
