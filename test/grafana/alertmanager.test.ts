import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import test, { type TestContext } from 'node:test'
import { meanCpu } from '../../src/webhook/mean-cpu.ts'
import { parseNotification } from '../../src/webhook/notification.ts'
import { startProgram } from '../prometheus/start-program.ts'
import { isAuthentic } from '../webhook/is-authentic.ts'

const missing = ['prometheus-alertmanager', 'setpriv'].filter((name) => spawnSync(name, ['--version']).error)
const skip = missing.length > 0 && `not installed: ${missing.join(', ')}`

async function listen(t: TestContext) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { server, port: address.port }
}

/** The real Alertmanager with the shipped configuration, except the address of the app and the path of the secret. */
async function startAlertmanager(t: TestContext, appPort: number): Promise<string> {
  const shipped = await readFile(new URL('../../grafana/prometheus/alertmanager.yml', import.meta.url), 'utf8')
  const config = shipped
    .replace('http://localhost:7071', `http://127.0.0.1:${appPort}`)
    .replace('/etc/prometheus/citus-autoscaler-secret', 'secret')
  const flags = ['--config.file=alertmanager.yml', '--storage.path=data', '--cluster.listen-address=']
  const files = { 'alertmanager.yml': config, secret: 'the-secret' }
  return (await startProgram(t, 'prometheus-alertmanager', flags, files)).url
}

test('the real Alertmanager sends what scale-out accepts: bearer secret, CPU in an annotation', { skip }, async (t) => {
  const app = await listen(t)
  const received = new Promise<{ incoming: IncomingMessage; body: string }>((resolve) => {
    app.server.once('request', (incoming: IncomingMessage, response: ServerResponse) => {
      void text(incoming).then((body) => {
        response.end()
        resolve({ incoming, body })
      })
    })
  })
  const url = await startAlertmanager(t, app.port)
  const alert = { labels: { alertname: 'CitusWorkersHot', action: 'scale-out' }, annotations: { cpu_percent: '91.5' } }
  const posted = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([alert]),
  })
  assert.equal(posted.status, 200)
  const { incoming, body } = await received
  assert.equal(incoming.url, '/api/scale-out')
  const signed = {
    authorization: incoming.headers.authorization,
    signature: undefined,
    timestamp: undefined,
    body: Buffer.from(body),
  }
  assert.ok(isAuthentic(signed, { secrets: ['the-secret'], toleranceSeconds: 60 }, new Date()))
  const result = parseNotification(body)
  assert.ok(result.ok)
  assert.equal(meanCpu(result.notification.alerts, 'cpu_percent'), 91.5)
})
