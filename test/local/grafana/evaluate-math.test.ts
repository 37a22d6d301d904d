import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { evaluateMath } from '../../../src/local/grafana/evaluate-math.ts'
import { parseMath } from '../../../src/local/grafana/parse-math.ts'
import type { Labels } from '../../../src/local/grafana/labels.ts'
import type { Value } from '../../../src/local/grafana/values.ts'

const number = (value: number | null, labels: Labels = {}): Value => ({ kind: 'number', labels, value })
const series = (...values: (number | null)[]): Value => ({
  kind: 'series',
  labels: {},
  points: values.map((value, minute) => ({ time: new Date(minute * 60_000), value })),
})

function evaluate(expression: string, inputs: Record<string, Value[]> = {}) {
  return evaluateMath(parseMath(expression), (refId) => inputs[refId] ?? [])
}

const scalars: [expression: string, expected: number][] = [
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['8 - 4 - 2', 2],
  ['2 * 3 ** 2', 18],
  ['7 % 4', 3],
  ['-2 + 5', 3],
  ['!0 + !7', 1],
  ['1 < 2 && 2 < 1 || 3 >= 3', 1],
  ['0 && 1/0 > 1', 0],
  ['abs(-3.5) + floor(1.9) + ceil(1.1) + round(-2.5)', 3.5],
  ['1e3 == 1000', 1],
]
for (const [expression, expected] of scalars)
  test(`${expression} is ${expected}`, () => {
    assert.deepEqual(evaluate(expression), [number(expected)])
  })

const unknown: [expression: string, a: number | null, expected: number | null][] = [
  ['$a > 80', null, null],
  ['$a > 80', NaN, NaN],
  ['abs($a)', null, null],
  ['$a && 1', NaN, NaN],
  ['0 && $a', NaN, 0],
  ['1 || $a', NaN, 1],
  ['0 && $a', null, null],
]
for (const [expression, a, expected] of unknown)
  test(`${expression} with $a = ${a} is ${expected}`, () => {
    assert.deepEqual(evaluate(expression, { a: [number(a)] }), [number(expected)])
  })

test('results are combined when the labels of one contain those of the other, and dropped otherwise', () => {
  const a = [number(10, { node: 'x' }), number(20, { node: 'y' })]
  const b = [number(1, { node: 'x', disk: 'd' }), number(2, { node: 'z', disk: 'd' })]
  assert.deepEqual(evaluate('$a + $b', { a, b }), [number(11, { node: 'x', disk: 'd' })])
  assert.deepEqual(evaluate('$a + $b', { a, b: [number(5)] }), [number(15, { node: 'x' }), number(25, { node: 'y' })])
})

test('a single result on each side is combined with any labels, and the labels are dropped', () => {
  const inputs = { a: [number(1, { node: 'x' })], b: [number(2, { host: 'y' })] }
  assert.deepEqual(evaluate('$a + ${b}', inputs), [number(3)])
})

test('no data on one side gives no data', () => {
  assert.deepEqual(evaluate('$a + $b', { a: [number(1)] }), [])
})

test('series are combined point by point, at equal times', () => {
  assert.deepEqual(evaluate('$a - $b', { a: [series(5, 6, null)], b: [series(1, 2)] }), [series(4, 4)])
  assert.deepEqual(evaluate('100 - $a', { a: [series(5, null)] }), [series(95, null)])
})

for (const expression of ['', '1 +', '(1', '1 2', 'abs 1', '$a @ 2', 'sqrt(4)'])
  test(`"${expression}" is refused`, () => {
    assert.throws(() => evaluate(expression, { a: [number(1)] }), /math/)
  })

test("the shipped formula gives the workers' mean for any number of workers", () => {
  const formula = '$all + ($all - $coordinator) / ($workers + ($workers == 0))'
  const percent = fc.double({ min: 0, max: 100, noNaN: true })
  fc.assert(
    fc.property(percent, fc.array(percent, { minLength: 1, maxLength: 20 }), (coordinator, workers) => {
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
      const [result] = evaluate(formula, {
        all: [number(mean([coordinator, ...workers]))],
        coordinator: [number(coordinator)],
        workers: [number(workers.length)],
      })
      assert.ok(result?.kind === 'number' && result.value !== null)
      assert.ok(Math.abs(result.value - mean(workers)) < 1e-6)
    }),
  )
  assert.deepEqual(evaluate(formula, { all: [number(42)], coordinator: [number(42)], workers: [number(0)] }), [
    number(42),
  ])
})
