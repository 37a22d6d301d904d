// The process of one instance of the app: the source, or the bundle in the given folder, loaded as Azure's worker loads it. It obeys its
// parent's messages and ends with it. It can load the bundle again with other settings, in a tenth of the time that a new process takes.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as z from 'zod/mini'
import { startHttpFront } from '../../src/local/http-front.ts'
import type { Listening } from '../../src/local/listen.ts'
import { provideFunctionsCoreStandIn } from '../bench/functions-core-stand-in.ts'

const packageSchema = z.object({ main: z.string() })
const hostSchema = z.object({
  version: z.literal('2.0'),
  extensions: z.object({ http: z.object({ routePrefix: z.literal('api') }) }),
})
const askedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('load'), id: z.number(), settings: z.record(z.string(), z.string()) }),
  z.object({ kind: z.literal('unload'), id: z.number() }),
  z.object({ kind: z.literal('clock'), id: z.number(), now: z.number() }),
  z.object({ kind: z.literal('heap'), id: z.number() }),
  z.object({ kind: z.literal('flush'), id: z.number() }),
])
const gcSchema = z.custom<() => void>((value) => typeof value === 'function')
type Asked = z.infer<typeof askedSchema>

const [folder] = process.argv.slice(2)
const onLogOf = (load: number) => (line: string) => process.send?.({ kind: 'line', load, line })

async function startSource(onLog: (line: string) => void): Promise<Listening> {
  const { functionTable } = await import('../../src/functions/function-table.ts')
  const { startFunctionsHost } = await import('../../src/local/functions-host.ts')
  const table = functionTable({ environment: process.env, now: () => new Date() })
  return startFunctionsHost(table, { port: 0, onLog })
}

async function startBundle(folder: string, onLog: (line: string) => void): Promise<Listening> {
  const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(folder, name), 'utf8'))
  hostSchema.parse(await read('host.json'))
  const { main } = packageSchema.parse(await read('package.json'))
  const require = createRequire(join(folder, 'package.json'))
  for (const file of Object.keys(require.cache)) Reflect.deleteProperty(require.cache, file)
  const worker = provideFunctionsCoreStandIn(onLog)
  require(`./${main}`)
  return startHttpFront(worker.routes(), { port: 0, onFailure: onLog })
}

let loaded: Listening | undefined
let resetClock = (): void => undefined

async function answer(asked: Asked): Promise<number | string | undefined> {
  switch (asked.kind) {
    case 'load': {
      for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name)
      Object.assign(process.env, asked.settings)
      const onLog = onLogOf(asked.id)
      loaded = await (folder === undefined ? startSource(onLog) : startBundle(folder, onLog))
      return loaded.url
    }
    case 'unload':
      resetClock()
      await loaded?.close()
      return undefined
    case 'clock': {
      const { mock } = await import('node:test')
      resetClock = () => mock.timers.reset()
      resetClock()
      mock.timers.enable({ apis: ['Date'], now: asked.now })
      return undefined
    }
    case 'heap':
      setFlagsFromString('--expose-gc')
      gcSchema.parse(runInNewContext('gc'))()
      return process.memoryUsage().heapUsed
    case 'flush':
      return undefined // the log lines were sent before this answer
  }
}

process.on('disconnect', () => process.exit())
process.on('message', (message) => {
  const asked = askedSchema.parse(message)
  void answer(asked).then((value) => process.send?.({ kind: 'done', id: asked.id, value }))
})
