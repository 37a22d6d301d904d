import { applyThreshold } from './apply-threshold.ts'
import { evaluateMath } from './evaluate-math.ts'
import { containsLabels, labelsKey, type Labels } from './labels.ts'
import type { AlertRule, Expression } from './read-alerting.ts'
import { reduceValues } from './reduce-series.ts'
import type { NumberValue, Value } from './values.ts'

/** What a data source answered. */
export type QueryResult = { ok: true; values: readonly Value[] } | { ok: false; message: string }

/** What one evaluation found, per set of labels; `values` holds the numbers behind it by refId. */
export type Instance = {
  labels: Labels
  state: 'normal' | 'alerting' | 'no-data'
  values: Readonly<Record<string, number | null>>
}
export type Evaluation =
  | { kind: 'instances'; instances: readonly [Instance, ...Instance[]] }
  | { kind: 'no-data' }
  | { kind: 'error'; refId: string; message: string }

/**
 * One evaluation of a rule over the answers to its queries, by refId. `loaded` holds the label keys of what is pending or firing now,
 * for the recovery threshold. As in Grafana (pkg/services/ngalert/eval/eval.go): zero is normal, any other number alerting, NaN
 * too; null is no data; a series as condition, or two results with the same labels, is an error.
 */
export function evaluateRule(
  rule: Pick<AlertRule, 'condition' | 'queries' | 'expressions'>,
  answers: ReadonlyMap<string, QueryResult>,
  loaded: ReadonlySet<string>,
): Evaluation {
  const results = new Map<string, readonly Value[]>()
  for (const { refId } of rule.queries) {
    const answer = answers.get(refId) ?? { ok: false, message: 'the query was not answered' }
    if (!answer.ok) return { kind: 'error', refId, message: answer.message }
    results.set(refId, answer.values)
  }
  try {
    for (const { refId } of rule.expressions) valuesOf(refId, rule.expressions, results, loaded)
    return judge(rule.condition, results)
  } catch (error) {
    return { kind: 'error', refId: rule.condition, message: error instanceof Error ? error.message : String(error) }
  }
}

type Results = Map<string, readonly Value[]>

function valuesOf(refId: string, expressions: readonly Expression[], results: Results, loaded: ReadonlySet<string>) {
  const known = results.get(refId)
  if (known) return known
  const expression = expressions.find((candidate) => candidate.refId === refId)
  if (!expression) throw new Error(`there is no query or expression ${refId}`)
  const others = expressions.filter((candidate) => candidate !== expression)
  const input = (reference: string): readonly Value[] => valuesOf(reference, others, results, loaded)
  const values = evaluateExpression(expression, input, loaded)
  results.set(refId, values)
  return values
}

function evaluateExpression(
  expression: Expression,
  input: (refId: string) => readonly Value[],
  loaded: ReadonlySet<string>,
): readonly Value[] {
  switch (expression.type) {
    case 'math':
      return evaluateMath(expression.expression, input)
    case 'reduce':
      return reduceValues(input(expression.expression), expression.reducer, expression.settings)
    case 'threshold': {
      const [{ evaluator, unloadEvaluator }] = expression.conditions
      return applyThreshold(input(expression.expression), { load: evaluator, unload: unloadEvaluator }, loaded)
    }
  }
}

function judge(condition: string, results: Results): Evaluation {
  const found = results.get(condition)
  if (!found) throw new Error(`the condition ${condition} is no query or expression of the rule`)
  const instances = found.map((value): Instance => {
    if (value.kind === 'series') throw new Error(`the condition ${condition} is a series: reduce it first`)
    return { labels: value.labels, state: stateOf(value.value), values: numbersFor(value.labels, results) }
  })
  const keys = new Set(instances.map(({ labels }) => labelsKey(labels)))
  if (keys.size < instances.length) throw new Error(`the condition ${condition} has two results with the same labels`)
  const [first, ...others] = instances
  if (!first || instances.every(({ state }) => state === 'no-data')) return { kind: 'no-data' }
  return { kind: 'instances', instances: [first, ...others] }
}

function stateOf(value: number | null): Instance['state'] {
  if (value === null) return 'no-data'
  return value === 0 ? 'normal' : 'alerting'
}

function numbersFor(labels: Labels, results: Results): Record<string, number | null> {
  const matching = [...results].flatMap(([refId, values]) =>
    values
      .filter((value): value is NumberValue => value.kind === 'number' && containsLabels(labels, value.labels))
      .map(({ value }) => [refId, value] as const),
  )
  return Object.fromEntries(matching)
}
