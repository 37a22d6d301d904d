import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import test from 'node:test'
import { azureMonitorStandIn } from '../../../src/local/grafana/cpu-data-sources.ts'
import type { DataSource } from '../../../src/local/grafana/data-source.ts'
import { startFastTime } from '../../../src/local/fast-time.ts'
import { startGrafanaStandIn } from '../../../src/local/grafana/grafana-stand-in.ts'
import { shippedAlerting } from '../../../src/local/grafana/shipped-alerting.ts'
import { isAuthentic } from '../../webhook/is-authentic.ts'
import { meanCpu } from '../../../src/webhook/mean-cpu.ts'
import { parseNotification } from '../../../src/webhook/notification.ts'

type Posted = { path: string; headers: NodeJS.Dict<string | string[]>; body: string }

async function receiver(t: test.TestContext, answer: () => number) {
  const posted: Posted[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      posted.push({ path: request.url ?? '', headers: request.headers, body })
      response.writeHead(answer()).end()
      for (const { count, resolve } of waiting) if (posted.length >= count) resolve()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const received = (count: number) => new Promise<void>((resolve) => waiting.push({ count, resolve }))
  return { url: `http://127.0.0.1:${address.port}`, posted, received }
}

const hot: DataSource = azureMonitorStandIn(
  ({ to }) => [
    { time: to, server: 'citus-c', percent: 5 },
    { time: to, server: 'citus-w0', percent: 85 },
    { time: to, server: 'citus-w1', percent: 95 },
  ],
  () => 2,
)
const quiet: DataSource = ({ refId }) =>
  Promise.resolve([{ kind: 'number', labels: {}, value: refId === 'recent_counts' ? 24 : 0 }])

async function start(t: test.TestContext, url: string) {
  const alerting = await shippedAlerting('cosmosdb-postgresql', {
    AUTOSCALER_URL: url,
    AUTOSCALER_FUNCTION_KEY: 'a-key',
    AUTOSCALER_WEBHOOK_SECRET: 'a-secret',
    AUTOSCALER_ALERT_EMAIL: 'someone@example.com',
    AZURE_SUBSCRIPTION_ID: 'a-subscription',
    AZURE_RESOURCE_GROUP: 'a-group',
    CLUSTER_NAME: 'citus',
  })
  const dataSources = { 'citus-azure-monitor': hot, 'citus-postgresql': quiet }
  const { date: now, speed } = startFastTime(1200)
  const grafana = startGrafanaStandIn({ alerting, dataSources, now, speed, onEvent: () => undefined })
  t.after(() => grafana.stop())
  return now
}

test('hot workers reach scale-out as a signed notification with their mean CPU', async (t) => {
  const { url, posted, received } = await receiver(t, () => 202)
  const now = await start(t, url)
  await received(1)
  const [first] = posted
  assert.ok(first)
  assert.equal(first.path, '/api/scale-out')
  assert.equal(first.headers['x-functions-key'], 'a-key')
  const signed = {
    authorization: undefined,
    signature: String(first.headers['x-grafana-alerting-signature']),
    timestamp: String(first.headers['x-grafana-alerting-timestamp']),
    body: Buffer.from(first.body),
  }
  // The stand-in's clock runs 1200 times as fast: 300 s are a quarter of a second here.
  assert.ok(isAuthentic(signed, { secrets: ['a-secret'], toleranceSeconds: 86_400 }, now()))
  const notification = parseNotification(first.body)
  assert.ok(notification.ok)
  assert.equal(meanCpu(notification.notification.alerts, 'cpu_percent'), 90)
})

test('a refused notification is posted again, and a delivered one is repeated while the workers are hot', async (t) => {
  const { url, posted, received } = await receiver(t, () => (posted.length === 1 ? 503 : 200))
  await start(t, url)
  await received(3)
  assert.deepEqual(
    posted.map(({ path }) => path),
    ['/api/scale-out', '/api/scale-out', '/api/scale-out'],
  )
})
