import { pathToFileURL } from 'node:url'
import { provideFunctionsCoreStandIn } from './functions-core-stand-in.ts'

// Runs as a process of its own: loads the app that it is given, has one request answered, and tells when, in milliseconds since the
// process began.
const [bundle = '', name = '', body = ''] = process.argv.slice(2)
const worker = provideFunctionsCoreStandIn()

async function start(): Promise<void> {
  await import(pathToFileURL(bundle).href)
  if (!worker.functionNames().includes(name)) throw new Error(`${bundle} registered no function ${name}`)
  const registered = performance.now()
  const status = await worker.invoke(name, body)
  const answered = performance.now()
  console.log(JSON.stringify({ registered, answered, status }))
  process.exit()
}

void start()
