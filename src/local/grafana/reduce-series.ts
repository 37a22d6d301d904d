import type { Value } from './values.ts'

export const reducers = ['mean', 'min', 'max', 'sum', 'count', 'last', 'median'] as const
export type Reducer = (typeof reducers)[number]
/** How a point that is not a number is handled: it makes the result NaN (strict), is dropped (dropNN), or is replaced. */
export type ReduceMode = { kind: 'strict' } | { kind: 'dropNN' } | { kind: 'replaceNN'; value: number }

/**
 * One number per series (grafana, pkg/expr/mathexp/reduce.go). A series whose points are all dropped gives null, which is no data. A
 * value that is a single number is handled as one point.
 */
export function reduceValues(values: readonly Value[], reducer: Reducer, mode: ReduceMode): readonly Value[] {
  return values.flatMap((value): Value[] => {
    if (value.kind === 'number') {
      const kept = sieve([value.value], mode)
      return kept.length === 0 ? [] : [{ ...value, value: kept[0] ?? null }]
    }
    const numbers = sieve(
      value.points.map((point) => point.value),
      mode,
    )
    const reduced = reduceNumbers(numbers, reducer)
    return [
      { kind: 'number', labels: value.labels, value: mode.kind === 'dropNN' && Number.isNaN(reduced) ? null : reduced },
    ]
  })
}

const isUsable = (value: number | null) => value !== null && Number.isFinite(value)

function sieve(values: readonly (number | null)[], mode: ReduceMode): readonly (number | null)[] {
  if (mode.kind === 'strict') return values
  if (mode.kind === 'dropNN') return values.filter(isUsable)
  return values.map((value) => (isUsable(value) ? value : mode.value))
}

function reduceNumbers(values: readonly (number | null)[], reducer: Reducer): number {
  if (reducer === 'count') return values.length
  const numbers = values.map((value) => value ?? NaN)
  if (reducer === 'last') return numbers.at(-1) ?? NaN
  const sum = numbers.reduce((total, number) => total + number, 0)
  if (reducer === 'sum' || Number.isNaN(sum)) return sum
  if (numbers.length === 0) return NaN
  switch (reducer) {
    case 'mean':
      return sum / numbers.length
    case 'min':
      return Math.min(...numbers)
    case 'max':
      return Math.max(...numbers)
    case 'median':
      return median(numbers)
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? NaN, sorted[Math.floor(middle)] ?? NaN]
  return (low + high) / 2
}
