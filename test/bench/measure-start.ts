import { execFile } from 'node:child_process'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import * as z from 'zod'
import { readPayload } from '../payloads/read-payload.ts'
import { benchSettings } from './bench-settings.ts'
import { ratioOf, shown, spreadOf } from './spread.ts'

const runs = 40
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const bundle = here('../../dist/main.cjs')

/**
 * Measures the time from the start of a process until its functions are registered, and until the first answer, for dist/ and an empty app.
 * The stand-in for Azure's worker starts much faster than the worker, so the ratio is higher than on Azure.
 */
export async function measureStart(print: (line: string) => void): Promise<void> {
  await access(bundle).catch((cause: unknown) => {
    throw new Error('there is no dist/main.cjs: npm run build makes it', { cause })
  })
  const directory = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const options = { bundle: true, minify: true, platform: 'node', target: 'node22', format: 'cjs' } as const
    const bundled = async (name: string) => {
      const outfile = join(directory, `${name}.cjs`)
      await build({ ...options, entryPoints: [here(`${name}.ts`)], outfile, external: ['@azure/functions-core'] })
      return outfile
    }
    const [starter, empty] = [await bundled('start-app'), await bundled('empty-app')]
    const body = readPayload('grafana-test-button')
    const ours = { name: 'dist/', start: () => startOnce(starter, bundle, 'scale-out', body) }
    const baseline = { name: 'empty app', start: () => startOnce(starter, empty, 'empty', body) }
    print(`Process start, median and quartiles of ${runs} starts each, in turn:`)
    report(await alternate(ours, baseline), print)
  } finally {
    await rm(directory, { recursive: true })
  }
}

const startSchema = z.object({ registered: z.number(), answered: z.number(), status: z.literal('200') })
type Start = z.infer<typeof startSchema>
type App = { name: string; start: () => Promise<Start> }

async function startOnce(starter: string, app: string, name: string, body: string): Promise<Start> {
  const { stdout } = await promisify(execFile)(process.execPath, [starter, app, name, body], { env: benchSettings })
  // The lines before are the app's log.
  return startSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
}

/** Alternates between the apps; the first run of each only warms the disk cache. */
async function alternate(...apps: App[]): Promise<{ name: string; starts: Start[] }[]> {
  const results = apps.map(({ name, start }) => ({ name, start, starts: [] as Start[] }))
  for (const { start } of results) await start()
  for (let run = 0; run < runs; run++) for (const { start, starts } of results) starts.push(await start())
  return results
}

function report(results: readonly { name: string; starts: readonly Start[] }[], print: (line: string) => void): void {
  const [ours = [], empty = []] = results.map(({ name, starts }) => {
    const registered = starts.map((start) => start.registered)
    const answered = starts.map((start) => start.answered)
    print(
      `${name}: functions registered after ${shown(spreadOf(registered), 'ms')}, first answer after ${shown(spreadOf(answered), 'ms')}`,
    )
    return answered
  })
  print(
    `first answer, pair by pair: ${ratioOf(ours, empty)} the empty app's (aim in Azure's worker, whose own start is left out here: 1.1 at most)`,
  )
}
