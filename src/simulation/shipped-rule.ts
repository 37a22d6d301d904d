import type { Alerting, AlertRule } from '../local/grafana/read-alerting.ts'

/**
 * The scale-out rules, taken together: the lowest CPU in percent above which one of them fires, the CPU below which that rule ends, and how
 * many seconds they look back at most.
 */
export type FiringRules = { threshold: number; recovery: number; window: number }

/** Throws when no rule asks for scale-out, or the condition of one is not a threshold. */
export function firingRules({ rules }: Pick<Alerting, 'rules'>): FiringRules {
  const asking = rules.filter(({ labels }) => labels.action === 'scale-out')
  const [lowest] = asking.map(thresholdsOf).sort((a, b) => a.threshold - b.threshold)
  if (!lowest) throw new Error('no rule of grafana/ has the label action = scale-out')
  return { ...lowest, window: Math.max(...asking.flatMap(({ queries }) => queries.map(({ from }) => from))) }
}

function thresholdsOf({ uid, expressions, condition }: AlertRule) {
  const expression = expressions.find(({ refId }) => refId === condition)
  if (expression?.type !== 'threshold')
    throw new Error(`rule ${uid} asks for scale-out, and its condition is no threshold`)
  const [{ evaluator, unloadEvaluator }] = expression.conditions
  const [threshold] = evaluator.params
  return { threshold, recovery: unloadEvaluator?.params[0] ?? threshold }
}
