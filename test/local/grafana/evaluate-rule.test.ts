import assert from 'node:assert/strict'
import test from 'node:test'
import { evaluateRule, type QueryResult } from '../../../src/local/grafana/evaluate-rule.ts'
import type { Value } from '../../../src/local/grafana/values.ts'
import { ruleWith } from './alerting-fixture.ts'

const number = (value: number | null, node?: string): Value => ({
  kind: 'number',
  labels: node === undefined ? {} : { node },
  value,
})
const evaluate = (answer: QueryResult, fields = {}) =>
  evaluateRule(ruleWith(fields), new Map([['load', answer]]), new Set())

test('each set of labels is evaluated separately, with its values', () => {
  assert.deepEqual(evaluate({ ok: true, values: [number(90, 'a'), number(10, 'b'), number(null, 'c')] }), {
    kind: 'instances',
    instances: [
      { labels: { node: 'a' }, state: 'alerting', values: { load: 90, hot: 1 } },
      { labels: { node: 'b' }, state: 'normal', values: { load: 10, hot: 0 } },
      { labels: { node: 'c' }, state: 'no-data', values: { load: null, hot: null } },
    ],
  })
})

for (const values of [[], [number(null)]])
  test(`${values.length} results without a number give no data`, () => {
    assert.deepEqual(evaluate({ ok: true, values }), { kind: 'no-data' })
  })

test('a failed query makes the evaluation fail and is named', () => {
  const failed = evaluate({ ok: false, message: 'connection refused' })
  assert.deepEqual(failed, { kind: 'error', refId: 'load', message: 'connection refused' })
})

test('a series cannot be a condition', () => {
  const series: Value = { kind: 'series', labels: {}, points: [] }
  assert.match(JSON.stringify(evaluate({ ok: true, values: [series] })), /reduce it first/)
})

test('two results with the same labels are an error', () => {
  assert.match(JSON.stringify(evaluate({ ok: true, values: [number(1), number(2)] })), /same labels/)
})

test('a condition that is NaN alerts, as in Grafana, unless the rule drops it', () => {
  const evaluation = evaluate({ ok: true, values: [number(NaN)] }, { condition: 'load' })
  assert.ok(evaluation.kind === 'instances')
  assert.equal(evaluation.instances[0].state, 'alerting')
})

test('an expression that refers to itself is an error, not an endless loop', () => {
  const rule = ruleWith()
  const [threshold] = rule.expressions
  assert.ok(threshold?.type === 'threshold')
  const circular = { ...rule, queries: [], expressions: [{ ...threshold, expression: 'hot' }] }
  assert.equal(evaluateRule(circular, new Map(), new Set()).kind, 'error')
})
