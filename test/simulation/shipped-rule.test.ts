import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AlertRule } from '../../src/local/grafana/read-alerting.ts'
import { blogAlerting } from '../../src/simulation/blog-rule.ts'
import { firingRules } from '../../src/simulation/shipped-rule.ts'
import { simulatedWorld } from './simulated-world.ts'

const { alerting } = await simulatedWorld({})
const [shipped] = alerting.rules.filter(({ labels }) => labels.action === 'scale-out')
assert.ok(shipped)

const withThresholds = (rule: AlertRule, fires: number, ends: number, window: number): AlertRule => ({
  ...rule,
  queries: rule.queries.map((query) => ({ ...query, from: window })),
  condition: 'hot',
  expressions: [
    {
      refId: 'hot',
      type: 'threshold',
      expression: 'cpu_percent',
      conditions: [{ evaluator: { type: 'gt', params: [fires] }, unloadEvaluator: { type: 'lt', params: [ends] } }],
    },
  ],
})

test('several rules give the lowest threshold with its recovery, and the longest window', () => {
  const rules = [withThresholds(shipped, 92, 88, 180), withThresholds(shipped, 75, 67, 420)]
  assert.deepEqual(firingRules({ rules }), { threshold: 75, recovery: 67, window: 420 })
})

test('an error when no rule asks for scale-out', () =>
  assert.throws(() => firingRules({ rules: [] }), /no rule of grafana\/ has the label action = scale-out/))

test('an error names a rule whose condition is not a threshold', () => {
  const rules = [{ ...shipped, uid: 'odd', expressions: [], condition: 'odd' }]
  assert.throws(() => firingRules({ rules }), /rule odd asks for scale-out, and its condition is no threshold/)
})

test('the blog rule does not depend on the shipped rules', () => {
  const changed = { ...alerting, rules: [withThresholds(shipped, 60, 50, 900)] }
  const blog = firingRules(blogAlerting(changed, 120))
  assert.deepEqual(blog, { threshold: 80, recovery: 70, window: 420 })
  assert.deepEqual(firingRules(blogAlerting(alerting, 120)), blog)
})
