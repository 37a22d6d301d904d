import assert from 'node:assert/strict'
import test from 'node:test'
import type { InstanceState } from '../../src/local/grafana/instance-state.ts'
import { shippedAlerting } from '../../src/local/grafana/shipped-alerting.ts'
import { watchRelief } from '../../src/local/watch-relief.ts'
import { exampleVariables } from '../grafana/example-variables.ts'

test('an alert that ends because a measurement is missing relieves nothing, one that ends by a measurement does', async () => {
  const { rules } = await shippedAlerting('citus', exampleVariables)
  const rule = rules.find(({ labels }) => labels.action === 'scale-out')
  assert.ok(rule)
  const heard: string[] = []
  const relief = watchRelief({ isSpread: () => true, workers: () => [] }, ({ kind }) => heard.push(kind))
  const evaluated = (state: InstanceState['state'], cpu: number) => {
    const at = new Date('2026-11-30T01:00:00Z')
    const instance = { labels: {}, state, since: at, values: { cpu_percent: cpu }, reason: '', evaluatedAt: at }
    relief.hear({ kind: 'evaluated', rule, instances: [instance] })
  }
  evaluated('alerting', 96)
  evaluated('normal', -1)
  evaluated('normal', -1)
  assert.deepEqual(heard, ['alert', 'alert'])
  evaluated('normal', 60)
  assert.deepEqual(heard, ['alert', 'alert', 'relieved'])
  await relief.promise
})
