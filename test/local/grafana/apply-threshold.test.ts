import assert from 'node:assert/strict'
import test from 'node:test'
import { applyThreshold, passes, type Evaluator } from '../../../src/local/grafana/apply-threshold.ts'
import { labelsKey } from '../../../src/local/grafana/labels.ts'

const above: Evaluator = { type: 'gt', params: [80] }
const cases: [Evaluator, number, boolean][] = [
  [above, 80, false],
  [above, 80.1, true],
  [above, NaN, false],
  [{ type: 'lt', params: [1] }, 0, true],
  [{ type: 'lt', params: [1] }, 1, false],
  [{ type: 'gte', params: [80] }, 80, true],
  [{ type: 'lte', params: [80] }, 80, true],
  [{ type: 'eq', params: [3] }, 3, true],
  [{ type: 'ne', params: [3] }, 3, false],
  [{ type: 'ne', params: [3] }, NaN, true],
  [{ type: 'within_range', params: [1, 5] }, 5, false],
  [{ type: 'within_range', params: [1, 5] }, 3, true],
  [{ type: 'outside_range', params: [1, 5] }, 5, false],
  [{ type: 'outside_range', params: [1, 5] }, 6, true],
]
for (const [evaluator, number, expected] of cases)
  test(`${number} ${expected ? 'passes' : 'does not pass'} ${evaluator.type} ${evaluator.params.join(', ')}`, () => {
    assert.equal(passes(evaluator, number), expected)
  })

const recovery: [number: number | null, wasLoaded: boolean, expected: number | null][] = [
  [75, false, 0],
  [75, true, 1],
  [70, true, 1],
  [69.9, true, 0],
  [81, false, 1],
  [null, true, null],
]
for (const [number, wasLoaded, expected] of recovery)
  test(`threshold 80, recovery 70: ${number} is ${expected} when it was ${wasLoaded ? 'loaded' : 'not loaded'} before`, () => {
    const labels = { node: 'a' }
    const loaded = new Set(wasLoaded ? [labelsKey(labels)] : [])
    const below: Evaluator = { type: 'lt', params: [70] }
    assert.deepEqual(
      applyThreshold([{ kind: 'number', labels, value: number }], { load: above, unload: below }, loaded),
      [{ kind: 'number', labels, value: expected }],
    )
  })
