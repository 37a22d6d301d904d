import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meanCpu } from '../../src/webhook/mean-cpu.ts'
import { parseNotification } from '../../src/webhook/notification.ts'

const alert = { status: 'firing', labels: {}, startsAt: '2026-11-22T20:00:00Z', fingerprint: 'f' }

function mean(...alerts: object[]) {
  const parsed = parseNotification(JSON.stringify({ alerts: alerts.map((fields) => ({ ...alert, ...fields })) }))
  assert.ok(parsed.ok)
  return meanCpu(parsed.notification.alerts, 'cpu_percent')
}
const values = (value: unknown) => ({ values: { cpu_percent: value } })
const annotated = (text: string) => ({ annotations: { cpu_percent: text } })

const cases: [name: string, alerts: object[], expected: number | undefined][] = [
  ['one value', [values(91.5)], 91.5],
  ['the mean of two', [values(80), values(100)], 90],
  ['only the alerts that carry one count', [values(90), values(-1), {}, { values: null }], 90],
  ['-1 is missing', [values(-1)], undefined],
  ['0 is no load that fires an alert', [values(0)], undefined],
  ['null is missing', [values(null)], undefined],
  ['up to 110 is a measurement of 100: a mean of rates comes out a little above', [values(100.1)], 100],
  ['exactly 110', [values(110), values(50)], 75],
  ['over 110 is no percentage', [values(110.1)], undefined],
  ['a text is no number', [values('90')], undefined],
  ['another refId', [{ values: { B: 90 } }], undefined],
  ['an annotation, as our Prometheus rule sets it', [annotated('87.25')], 87.25],
  ['an annotation that is no number', [annotated('<no value>'), annotated(''), annotated('NaN')], undefined],
  ['the value goes before the annotation', [{ ...values(70), ...annotated('90') }], 70],
]
for (const [name, alerts, expected] of cases) test(name, () => assert.equal(mean(...alerts), expected))
