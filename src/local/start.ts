import { once } from 'node:events'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { listen } from './listen.ts'
import { kinds, type ClusterKind } from '../settings.ts'
import { createScreen } from './screen.ts'

const patienceSeconds = 120
const speed = 60
// Two workers at 96 % each: three workers bring that close to the target.
const load = 192

const usage = `npm start [-- [--once] [--kind ${kinds.join('|')}] [--port 7071]]`

type Arguments = { once: boolean; kind: ClusterKind; port: number }

/** Undefined for --help. */
function readArguments(): Arguments | undefined {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      once: { type: 'boolean', default: false },
      kind: { type: 'string', default: 'cosmosdb-postgresql' },
      port: { type: 'string', default: '7071' },
    },
  })
  if (values.help) return undefined
  const kind = kinds.find((known) => known === values.kind)
  if (!kind || !/^\d{1,5}$/.test(values.port)) throw new Error(`usage: ${usage}`)
  return { once: values.once, kind, port: Number(values.port) }
}

async function main(): Promise<void> {
  const given = readArguments()
  if (!given) {
    console.log(`usage: ${usage}`)
    return
  }
  const { once: onlyOnce, kind, port } = given
  await (await listen(createServer(), port)).close() // rejects when the port is in use
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  console.log(`A cluster of kind ${kind} on this machine; a second here is a minute there. Starting …`)
  // Loaded here, so that wrong arguments and a port in use are reported at once.
  const { startLoop } = await import('./loop.ts')
  const loop = await startLoop({
    kind,
    speed,
    load,
    port,
    settings: process.env,
    onEvent: createScreen(console.log),
  })
  console.log(
    `The functions: ${loop.url}/api/scale-out, rebalance, status. Ctrl-C ends it and leaves nothing behind.\nWatch it, and try things: ${loop.url}/\n`,
  )
  const ends: Promise<End>[] = [interrupted.then(() => 'interrupted')]
  if (onlyOnce) ends.push(...onceEnds(loop.relieved))
  const end = await Promise.race(ends)
  await loop.stop()
  if (end === 'too late')
    throw new Error(`the load was not relieved within ${patienceSeconds} seconds; the lines above show how far it got`)
  if (onlyOnce && end === 'interrupted') process.exitCode = 130
}

type End = 'interrupted' | 'relieved' | 'too late'

function onceEnds(relieved: Promise<void>): Promise<End>[] {
  const tooLate = new Promise<End>((resolve) => setTimeout(resolve, patienceSeconds * 1000, 'too late').unref())
  return [relieved.then(() => 'relieved'), tooLate]
}

main().catch((error: unknown) => {
  const isUnknownOption = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  console.error(error instanceof Error ? error.message : error, isUnknownOption ? `\nusage: ${usage}` : '')
  process.exitCode = 1
})
