import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test, { type TestContext } from 'node:test'
import { meanCpu } from '../../src/webhook/mean-cpu.ts'
import { parseNotification } from '../../src/webhook/notification.ts'
import { isAuthentic } from '../webhook/is-authentic.ts'

const program = 'prometheus-alertmanager'
const skip = spawnSync(program, ['--version']).error ? `${program} is not installed` : false

async function listen(t: TestContext) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { server, port: address.port }
}

async function freePort(t: TestContext) {
  const { server, port } = await listen(t)
  server.close()
  await once(server, 'close')
  return port
}

/** The real Alertmanager with the shipped configuration, but for the address of the app and the place of the secret. */
async function startAlertmanager(t: TestContext, appPort: number) {
  const directory = await mkdtemp(join(tmpdir(), 'alertmanager-'))
  t.after(() => rm(directory, { recursive: true }))
  const shipped = await readFile(new URL('../../grafana/prometheus/alertmanager.yml', import.meta.url), 'utf8')
  const secretFile = join(directory, 'secret')
  const config = shipped
    .replace('http://localhost:7071', `http://127.0.0.1:${appPort}`)
    .replace('/etc/prometheus/citus-autoscaler-secret', secretFile)
  await writeFile(secretFile, 'the-secret')
  await writeFile(join(directory, 'alertmanager.yml'), config)
  const port = await freePort(t)
  const child = spawn(
    program,
    [
      `--config.file=${join(directory, 'alertmanager.yml')}`,
      `--storage.path=${directory}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  t.after(async () => {
    child.kill()
    if (child.exitCode === null) await once(child, 'exit')
  })
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (/Listening on/.test(log)) resolve()
    })
    child.once('exit', () => reject(new Error(`${program} ended: ${log}`)))
  })
  return `http://127.0.0.1:${port}`
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
