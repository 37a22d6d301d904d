import { createRequire } from 'node:module'
import { provideFunctionsCoreStandIn } from './functions-core-stand-in.ts'

// Runs as a separate process: loads an app, sends it one request, and prints the times in milliseconds since the process started.
const [bundle = '', name = '', body = ''] = process.argv.slice(2)
const load = createRequire(bundle)

// The worker's gRPC client has loaded these before any app.
for (const builtIn of ['crypto', 'dns', 'http2', 'tls', 'zlib']) load(builtIn)
const worker = provideFunctionsCoreStandIn()

async function start(): Promise<void> {
  // As the worker loads CommonJS.
  load(bundle)
  const route = worker.routes().find((route) => route.name === name)
  if (!route) throw new Error(`${bundle} registered no function ${name}`)
  const registered = performance.now()
  const { status, body: answer } = await route.invoke({
    method: route.method,
    url: `http://127.0.0.1/api/${name}`,
    headers: { 'content-type': 'application/json' },
    body: { bytes: Buffer.from(body) },
  })
  const answered = performance.now()
  console.log(JSON.stringify({ registered, answered, status: String(status), body: answer }))
  process.exit()
}

void start()
