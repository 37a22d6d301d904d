import { functionTable, type RegisteredFunction } from '../../src/functions/function-table.ts'
import { startFunctionsHost } from '../../src/local/functions-host.ts'
import { benchSecret } from './bench-settings.ts'

// Runs as a separate process, so that the client does not slow down the server. It serves the functions, the same with required
// signatures, and an empty function. To any message it replies with the heap in use after a garbage collection.
const empty: RegisteredFunction = {
  name: 'empty',
  method: 'POST',
  handler: () => Promise.resolve({ status: 200, headers: { 'content-type': 'application/json' }, body: '{}' }),
}

const tableOf = (environment: NodeJS.ProcessEnv) => functionTable({ environment, now: () => new Date() })
const signed = tableOf({ ...process.env, WEBHOOK_SECRETS: benchSecret }).map((one) => ({
  ...one,
  name: `signed-${one.name}`,
}))
const host = await startFunctionsHost([...tableOf(process.env), ...signed, empty], { port: 0 })

process.on('message', () => {
  if (!global.gc) throw new Error('run with --expose-gc')
  global.gc()
  global.gc()
  process.send?.({ kind: 'heap', bytes: process.memoryUsage().heapUsed })
})
process.on('disconnect', () => process.exit())
process.send?.({ kind: 'serving', url: host.url })
