import assert from 'node:assert/strict'
import test from 'node:test'
import { reduceValues, type ReduceMode, type Reducer } from '../../../src/local/grafana/reduce-series.ts'
import type { SeriesValue } from '../../../src/local/grafana/values.ts'

const strict: ReduceMode = { kind: 'strict' }
const drop: ReduceMode = { kind: 'dropNN' }
const replace: ReduceMode = { kind: 'replaceNN', value: 0 }

const series = (values: readonly (number | null)[]): SeriesValue => ({
  kind: 'series',
  labels: { node: 'a' },
  points: values.map((value, index) => ({ time: new Date(index * 60_000), value })),
})

const cases: [reducer: Reducer, mode: ReduceMode, values: (number | null)[], expected: number | null][] = [
  ['mean', strict, [80, 90], 85],
  ['mean', strict, [80, null, 90], NaN],
  ['mean', strict, [80, NaN], NaN],
  ['mean', strict, [], NaN],
  ['mean', drop, [80, null, NaN, Infinity, 90], 85],
  ['mean', drop, [null, NaN], null],
  ['mean', drop, [], null],
  ['mean', replace, [80, null, NaN, 80], 40],
  ['min', strict, [3, 1, 2], 1],
  ['max', strict, [3, 1, 2], 3],
  ['max', drop, [null], null],
  ['sum', strict, [], 0],
  ['sum', drop, [1, null, 2], 3],
  ['count', strict, [1, null, NaN], 3],
  ['count', drop, [1, null, NaN], 1],
  ['count', drop, [], 0],
  ['last', strict, [1, null], NaN],
  ['last', drop, [1, null], 1],
  ['median', drop, [9, 1, 5, null], 5],
  ['median', strict, [4, 1, 3, 2], 2.5],
]

for (const [reducer, mode, values, expected] of cases)
  test(`${reducer} (${mode.kind}) of [${values.join(', ')}] is ${expected}`, () => {
    assert.deepEqual(reduceValues([series(values)], reducer, mode), [
      { kind: 'number', labels: { node: 'a' }, value: expected },
    ])
  })

test('a number is unchanged, and NaN or null is dropped with dropNN', () => {
  const number = { kind: 'number', labels: {}, value: 7 } as const
  const none = { kind: 'number', labels: {}, value: NaN } as const
  assert.deepEqual(reduceValues([number, none], 'mean', drop), [number])
  assert.deepEqual(reduceValues([number, none], 'mean', strict), [number, none])
})
