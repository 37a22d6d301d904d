// What `npm test` runs: node's test runner over all tests, or over those given, beside one PostgreSQL server and one
// bundle for all of them.
//   node test/run.ts [--test-name-pattern=… and other flags of node --test] [files]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism, tmpdir } from 'node:os'
import { buildBundle } from './bundle.ts'
import { startServer } from './database.ts'
import { memoryFolder } from './memory-folder.ts'
import { shareProcesses } from './share-processes.ts'

const given = process.argv.slice(2)
const flags = given.filter((argument) => argument.startsWith('-'))
const named = given.filter((argument) => !argument.startsWith('-'))

process.env.TMPDIR = memoryFolder() ?? tmpdir()
const files = named.length > 0 ? named : await shareProcesses()
const [bundle, server] = await Promise.all([buildBundle(), startServer({ template: 'keep' })])
// Test files mostly wait for servers, so there may be more of them at a time than processors.
const concurrency = `--test-concurrency=${availableParallelism() * 4}`
// Most of what a test makes is garbage at once: with room for it there is less to collect, a quarter of the simulator's time.
const memory = '--max-semi-space-size=64'
const runner = spawn(process.execPath, [memory, '--test', concurrency, ...flags, ...files], {
  stdio: 'inherit',
  env: {
    ...process.env,
    TEST_DATABASE_SERVER_URL: server.url,
    TEST_SERVER_TEMPLATE: server.template,
    TEST_BUNDLE_FOLDER: bundle,
  },
})
// An interrupted run leaves no server behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => runner.kill(signal))
await once(runner, 'exit')
await server.stop()
process.exitCode = runner.exitCode ?? 1
