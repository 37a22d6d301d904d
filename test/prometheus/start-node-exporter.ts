import { createServer } from 'node:http'
import type { TestContext } from 'node:test'
import { listen } from '../../src/local/listen.ts'

/**
 * A stand-in for the node_exporter of a worker with one processor: at each scrape its counters rise by the time since the last one, split by
 * `busyPercent`. Returns its host and port; it ends with the test.
 */
export async function startNodeExporter(t: TestContext, busyPercent: () => number): Promise<string> {
  const seconds = { idle: 0, user: 0 }
  let last = performance.now()
  const server = createServer((_request, response) => {
    const now = performance.now()
    const elapsed = (now - last) / 1000
    last = now
    const busy = (elapsed * busyPercent()) / 100
    seconds.user += busy
    seconds.idle += elapsed - busy
    const lines = Object.entries(seconds).map(
      ([mode, value]) => `node_cpu_seconds_total{cpu="0",mode="${mode}"} ${value}\n`,
    )
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(`# TYPE node_cpu_seconds_total counter\n${lines.join('')}`)
  })
  const listening = await listen(server, 0)
  t.after(() => listening.close())
  return new URL(listening.url).host
}
