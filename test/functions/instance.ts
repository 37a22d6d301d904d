// One instance of the app, as a process of its own: serves the functions with the settings of its environment, and tells where.
import { functionTable } from '../../src/functions/function-table.ts'
import { startFunctionsHost } from '../../src/local/functions-host.ts'

const host = await startFunctionsHost(functionTable({ environment: process.env, now: () => new Date() }), { port: 0 })
console.log(host.url)
process.once('SIGTERM', () => process.exit())
