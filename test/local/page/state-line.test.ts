import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stateLine } from '../../../src/local/page/browser/state-line.ts'
import type { PageEvent } from '../../../src/local/page/page-event.ts'
import { accepted, alert, answered, minute, modelOf, posted, workers } from './a-model.ts'

const busy = workers([
  [16, 95],
  [16, 95],
])
const spread = workers([
  [11, 65],
  [11, 65],
  [10, 59],
])
const uneven = [
  [14, 83],
  [14, 83],
  [4, 24],
] as const
const half = (more: { moving?: boolean }) => workers(uneven.map(([groups, percent]) => [groups, percent]), { settled: false, ...more }) // prettier-ignore

const cases: [expected: string, events: [number, PageEvent][]][] = [
  ['The cluster is starting.', []],
  ['2 workers at 95 %; no alert yet', [[0, busy]]],
  ['2 workers at 95 %; a rule is pending', [[0, busy], [1, alert('pending')]]], // prettier-ignore
  ['2 workers at 95 %; an alert fires', [[0, busy], [1, alert('alerting')]]], // prettier-ignore
  [
    '2 workers at 95 %; two more are coming, 6 of about 10 minutes',
    [[0, busy], [3, alert('alerting')], [3, posted('scale-out', 3, accepted(2, 4))], [9.5, busy]], // prettier-ignore
  ],
  [
    '2 workers at 95 %; an alert fires, and is answered backing-off until minute 14',
    [[0, busy], [3, alert('alerting')], [8, posted('scale-out', 8, answered('backing-off', { until: new Date(14 * minute) }))], [9, busy]], // prettier-ignore
  ],
  [
    // The answer to an earlier alert does not apply to this one.
    '2 workers at 95 %; an alert fires',
    [[0, busy], [3, posted('scale-out', 3, answered('cooling-down'))], [30, alert('alerting')], [31, busy]], // prettier-ignore
  ],
  ['3 workers at 63 % (24 to 83 %); shards are moving, 4 to 14 shard groups on each', [[0, half({ moving: true })]]],
  ['3 workers at 63 % (24 to 83 %); waiting for a rebalance, 4 to 14 shard groups on each', [[0, half({})]]],
  [
    '3 workers at 63 % (24 to 83 %); a person has stopped the rebalance, 4 to 14 shard groups on each',
    [[0, half({})], [1, posted('rebalance', 1, answered('rebalance-cancelled'))]], // prettier-ignore
  ],
  [
    '3 workers at 63 % (24 to 83 %); waiting for a rebalance, 4 to 14 shard groups on each, but the autoscaler is paused',
    [[0, half({})], [1, posted('rebalance', 1, answered('paused'))]], // prettier-ignore
  ],
  ['3 workers at 63 %; nothing to do', [[0, spread]]],
  [
    '1 worker, CPU not measured; nothing to do',
    [[0, workers([[32, 40]], { isMeasured: false })]], // prettier-ignore
  ],
]
for (const [expected, events] of cases) test(expected, () => assert.equal(stateLine(modelOf(events)), expected))
