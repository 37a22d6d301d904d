import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addUp, type Total } from '../../src/simulation/add-up.ts'
import { judgeClaims } from '../../src/simulation/judge-claims.ts'
import { printTotals } from '../../src/simulation/print-totals.ts'
import type { Summary } from '../../src/simulation/summarize-run.ts'
import { levels } from './simulated-world.ts'

const summary = (name: string, change: Partial<Summary> = {}): Summary => ({
  name,
  title: `the policy ${name}`,
  minutesOver: 100,
  minutesSaturated: 10,
  relief: null,
  endsOver: false,
  nodeHours: 1000,
  workers: { first: 4, last: 8 },
  scaleOuts: 20,
  deploymentsFailed: 0,
  deploymentsRefused: 0,
  beforeSettled: 0,
  blind: 0,
  growths: [],
  ...change,
})

const others = [summary('cooldown', { minutesOver: 1000 }), summary('hpa')]
const totalsOf = (ours: Partial<Summary>): Total[] =>
  addUp([{ load: levels([1, 1]), summaries: [summary('ours', ours), ...others] }])
const unmet = (ours: Partial<Summary>) => judgeClaims(totalsOf(ours)).filter(({ holds }) => !holds)

test('claims that hold are reported as such', () =>
  assert.deepEqual(unmet({ minutesOver: 100, nodeHours: 980, scaleOuts: 15 }), []))

const misses: { name: string; ours: Partial<Summary>; text: RegExp; figures: RegExp }[] = [
  {
    name: 'minutes over',
    ours: { minutesOver: 112, nodeHours: 980, scaleOuts: 15 },
    text: /^at most 0\.1 × cooldown's minutes over$/,
    figures: /^112 of 1,000: 0\.112, 0\.012 too many$/,
  },
  {
    name: 'node-hours',
    ours: { nodeHours: 990, scaleOuts: 15 },
    text: /^at most 0\.98 × hpa's node-hours$/,
    figures: /^990 of 1,000: 0\.990, 0\.010 too many$/,
  },
  {
    name: 'scale-outs',
    ours: { nodeHours: 980, scaleOuts: 16 },
    text: /^at most 0\.75 × hpa's scale-outs$/,
    figures: /^16 of 20: 0\.800, 0\.050 too many$/,
  },
  {
    name: 'a growth before the last had settled',
    ours: { nodeHours: 980, scaleOuts: 15, beforeSettled: 1 },
    text: /^no growth begun before the last had settled$/,
    figures: /^1 of 15, 0 of which were decided on/,
  },
]
for (const { name, ours, text, figures } of misses)
  test(`a missed claim says by how much: ${name}`, () => {
    const [claim, ...more] = unmet(ours)
    assert.match(claim?.text ?? '', text)
    assert.match(claim?.figures ?? '', figures)
    assert.deepEqual(more, [])
  })

test('sums leave out the loads that no policy can improve', () => {
  const summaries = [summary('ours'), ...others]
  const comparisons = [
    { load: levels([1, 1]), summaries },
    { load: { ...levels([1, 1]), isApart: true as const }, summaries },
    { load: levels([1, 1]), summaries },
  ]
  assert.deepEqual(
    addUp(comparisons).map(({ name, nodeHours }) => ({ name, nodeHours })),
    ['ours', 'cooldown', 'hpa'].map((name) => ({ name, nodeHours: 2000 })),
  )
})

test('the Markdown table has a row for each policy', () => {
  const lines = printTotals(totalsOf({}), 80).split('\n')
  assert.equal(lines.length, 5)
  assert.match(lines[0] ?? '', /^\| policy \| minutes over 80 % \|/)
  assert.match(lines[2] ?? '', /^\| ours: the policy ours \| 100 \| 0\.100 \| 1\.00 \| 1\.000 \| 20 \| 0 \| 0 \| 0 \|$/)
})
