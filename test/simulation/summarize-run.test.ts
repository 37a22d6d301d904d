import assert from 'node:assert/strict'
import { test } from 'node:test'
import { episodesOver, quantile } from '../../src/simulation/summarize-run.ts'

/** Each `#` is a minute over the threshold. */
const minutes = (drawing: string) => [...drawing].map((minute) => minute === '#')

const cases = [
  { drawing: '..........', episodes: [] },
  { drawing: '..####....', episodes: [{ start: 2, end: 6 }] },
  { drawing: '##........', episodes: [], why: 'too short' },
  { drawing: '###.##....', episodes: [{ start: 0, end: 6 }], why: 'under for too short a time' },
  {
    drawing: '###...###...',
    episodes: [
      { start: 0, end: 3 },
      { start: 6, end: 9 },
    ],
  },
  { drawing: '....######', episodes: [{ start: 4, end: undefined }], why: 'it does not end' },
]

for (const { drawing, episodes, why } of cases)
  test(`periods over the threshold in ${drawing}${why ? `: ${why}` : ''}`, () =>
    assert.deepEqual(episodesOver(minutes(drawing), 3), episodes))

test('a quantile is one of the values', () => {
  assert.equal(quantile([5, 1, 3], 0.5), 3)
  assert.equal(quantile([1, 2, 3, 4], 0.95), 4)
  assert.equal(quantile([7], 0.05), 7)
})
