import { containsLabels, type Labels } from './labels.ts'
import type { MathNode } from './parse-math.ts'
import type { Value } from './values.ts'

/**
 * Evaluates a math expression as Grafana does (pkg/expr/mathexp/exp.go): null gives null, NaN gives NaN; two results are combined when
 * the labels of one contain those of the other, and a result without a match is dropped.
 */
export function evaluateMath(node: MathNode, valuesOf: (refId: string) => readonly Value[]): readonly Value[] {
  switch (node.kind) {
    case 'constant':
      return [{ kind: 'number', labels: {}, value: node.value }]
    case 'reference':
      return valuesOf(node.refId)
    case 'unary':
      return evaluateMath(node.operand, valuesOf).map((value) => mapValue(value, unaryOperation(node.operator)))
    case 'call':
      return evaluateMath(node.argument, valuesOf).map((value) => mapValue(value, functionNamed(node.name)))
    case 'binary': {
      const operation = (a: number, b: number) => binaryOperation(node.operator, a, b)
      const left = evaluateMath(node.left, valuesOf)
      const right = evaluateMath(node.right, valuesOf)
      return join(left, right).map(({ labels, a, b }) => combine(labels, a, b, operation))
    }
  }
}

type Pair = { labels: Labels; a: Value; b: Value }

function join(left: readonly Value[], right: readonly Value[]): Pair[] {
  const pairs = left.flatMap((a) =>
    right.flatMap((b) => {
      if (containsLabels(a.labels, b.labels)) return [{ labels: a.labels, a, b }]
      return containsLabels(b.labels, a.labels) ? [{ labels: b.labels, a, b }] : []
    }),
  )
  const [a, b] = [left[0], right[0]]
  // If both sides have one result, they are combined with any labels, and the labels are dropped, so results of different data sources match.
  if (pairs.length === 0 && a && b && left.length === 1 && right.length === 1) return [{ labels: {}, a, b }]
  return pairs
}

function combine(labels: Labels, a: Value, b: Value, operation: (a: number, b: number) => number): Value {
  const compute = (x: number | null, y: number | null) => (x === null || y === null ? null : operation(x, y))
  if (a.kind === 'number' && b.kind === 'number') return { kind: 'number', labels, value: compute(a.value, b.value) }
  if (a.kind === 'number') return { ...mapValue(b, (y) => compute(a.value, y)), labels }
  if (b.kind === 'number') return { ...mapValue(a, (x) => compute(x, b.value)), labels }
  const others = new Map(b.points.map(({ time, value }) => [time.getTime(), value]))
  const points = a.points.flatMap(({ time, value }) => {
    const other = others.get(time.getTime())
    return other === undefined ? [] : [{ time, value: compute(value, other) }]
  })
  return { kind: 'series', labels, points }
}

/** The value, or each of its points, mapped; null stays null. */
export function mapValue(value: Value, change: (number: number) => number | null): Value {
  const changed = (number: number | null) => (number === null ? null : change(number))
  if (value.kind === 'number') return { ...value, value: changed(value.value) }
  return { ...value, points: value.points.map(({ time, value: number }) => ({ time, value: changed(number) })) }
}

const truth = (holds: boolean) => (holds ? 1 : 0)

const unaryOperation = (operator: string) => (a: number) => {
  if (Number.isNaN(a)) return NaN
  return operator === '-' ? -a : truth(a === 0)
}

const functions: Readonly<Record<string, (a: number) => number>> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  log: Math.log,
  round: (a) => Math.sign(a) * Math.round(Math.abs(a)),
  is_nan: (a) => truth(Number.isNaN(a)),
}

function functionNamed(name: string) {
  const found = functions[name]
  if (!found) throw new Error(`math function ${name} is not one of ${Object.keys(functions).join(', ')}`)
  return found
}

const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
  '==': (a, b) => truth(a === b),
  '!=': (a, b) => truth(a !== b),
  '>': (a, b) => truth(a > b),
  '>=': (a, b) => truth(a >= b),
  '<': (a, b) => truth(a < b),
  '<=': (a, b) => truth(a <= b),
  '&&': (a, b) => truth(a !== 0 && b !== 0),
  '||': (a, b) => truth(a !== 0 || b !== 0),
}

function binaryOperation(operator: string, a: number, b: number): number {
  // These two check the left side before a NaN on the right.
  if (operator === '||' && a !== 0) return 1
  if (operator === '&&' && a === 0) return 0
  if (Number.isNaN(a) || Number.isNaN(b)) return NaN
  return operations[operator]?.(a, b) ?? NaN
}
