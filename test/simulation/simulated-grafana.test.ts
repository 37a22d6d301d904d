import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Load } from '../../src/simulation/load.ts'
import { metricsOf } from '../../src/simulation/metrics.ts'
import { randomStream } from '../../src/simulation/random-stream.ts'
import { firingRules } from '../../src/simulation/shipped-rule.ts'
import { createSimulatedCluster } from '../../src/simulation/simulated-cluster.ts'
import { simulatedGrafana } from '../../src/simulation/simulated-grafana.ts'
import type { World } from '../../src/simulation/run-policy.ts'
import { createSilences } from '../../src/simulation/silences.ts'
import { levels, noFaults, simulatedWorld } from './simulated-world.ts'

/** The notifications of a load, on a cluster that grows by one worker once, with or without skipped evaluations. */
function notifications(load: Load, growAt: number, { alerting, sizes, workers }: World, leavesOut: boolean) {
  const nextDeployment = () => ({ seconds: 300, succeeds: true })
  const cluster = createSimulatedCluster({
    load,
    workers,
    sizes,
    moveSeconds: (bytes) => bytes / 1e9,
    silences: createSilences(randomStream(1, 'silences'), load, noFaults),
    nextDeployment,
    nextCancellation: () => undefined,
  })
  const metrics = metricsOf(cluster, load, 'cosmosdb-postgresql')
  const { threshold, window } = firingRules(alerting)
  const isCalm = (now: number) => leavesOut && metrics.isCalm(now, window, threshold)
  const grafana = simulatedGrafana({ alerting, action: 'scale-out', metrics, phase: 20, isCalm })
  const sent: unknown[] = []
  let now = 0
  for (;;) {
    now = Math.min(cluster.nextAt(), grafana.nextAt(now))
    if (now > load.minutes.length * 60) return sent
    cluster.advance(now)
    if (now === growAt * 60) cluster.scaleOut({ to: workers + 1, attempt: 1, blind: false })
    grafana.evaluate(now)
    for (const { delivery, settle } of grafana.due(now)) {
      sent.push({ now, alerts: delivery.alerts.map(({ startsAt, values }) => ({ startsAt, values })) })
      settle(true)
    }
  }
}

test('skipping the evaluations that can find nothing changes no notification', async () => {
  const world = await simulatedWorld({})
  const part = fc.tuple(fc.integer({ min: 200, max: 420 }), fc.integer({ min: 1, max: 40 }))
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), fc.nat(300), (parts, growAt) => {
      const load = levels(...parts)
      assert.deepEqual(notifications(load, growAt, world, true), notifications(load, growAt, world, false))
    }),
  )
})

test('a load above the threshold is notified, one below is not', async () => {
  const world = await simulatedWorld({})
  assert.ok(notifications(levels([400, 60]), 0, world, true).length > 0)
  assert.equal(notifications(levels([280, 60]), 0, world, true).length, 0)
})
