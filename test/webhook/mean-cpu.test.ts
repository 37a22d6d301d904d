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
  ['only alerts with a value count', [values(90), values(-1), {}, { values: null }], 90],
  ['-1 is missing', [values(-1)], undefined],
  ['0 is missing, since no load of 0 fires an alert', [values(0)], undefined],
  ['null is missing', [values(null)], undefined],
  ['up to 110 counts as 100, since a mean of rates may be slightly above 100', [values(100.1)], 100],
  ['exactly 110', [values(110), values(50)], 75],
  ['over 110 is missing', [values(110.1)], undefined],
  ['a string is missing', [values('90')], undefined],
  ['a value of another refId is missing', [{ values: { B: 90 } }], undefined],
  ['the annotation that our Prometheus rule sets', [annotated('87.25')], 87.25],
  ['an annotation that is not a number', [annotated('<no value>'), annotated(''), annotated('NaN')], undefined],
  ['a value takes precedence over the annotation', [{ ...values(70), ...annotated('90') }], 70],
]
for (const [name, alerts, expected] of cases) test(name, () => assert.equal(mean(...alerts), expected))
