import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Settings } from '../settings.ts'
import { builtInLoads } from './built-in-loads.ts'
import { decodeText } from './decode-text.ts'
import type { Load } from './load.ts'
import type { Arguments } from './read-arguments.ts'
import { readLoad } from './read-load.ts'
import { sizesOf } from './simulated-settings.ts'
import { usualWorkers } from './world.ts'

/** The requested loads, and the number of workers to start with. An error in a file names its line. */
export async function findLoads(
  given: Arguments,
  settings: Settings,
  output: { error: (line: string) => void },
): Promise<{ loads: Load[]; workers: number }> {
  const workers = given.workers ?? usualWorkers
  const builtIn = builtInLoads(workers, given.seed)
  if (given.load === undefined) return { loads: builtIn, workers }
  const named = builtIn.find(({ name }) => name === given.load)
  if (named) return { loads: [named], workers }
  const load = await loadFromFile(given.load, given['queries-per-worker'] ?? 100, builtIn, output)
  return { loads: [load], workers: given.workers ?? firstHourWorkers(load, settings) }
}

async function loadFromFile(
  path: string,
  unit: number,
  builtIn: readonly Load[],
  output: { error: (line: string) => void },
): Promise<Load> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const names = builtIn.map(({ name }) => name).join(', ')
    throw new Error(`--load ${path} is neither a file that can be read nor one of ${names}`, { cause })
  })
  try {
    const { load, repairs } = readLoad(decodeText(bytes), basename(path), unit)
    for (const repair of repairs) output.error(`${path}: ${repair}`)
    return load
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** The number of workers that brings the mean of the first hour to the target, within the sizes that the cluster can have. */
function firstHourWorkers({ minutes }: Load, settings: Settings): number {
  const hour = minutes.slice(0, 60)
  const mean = hour.reduce((sum, work) => sum + work, 0) / hour.length
  const wanted = Math.ceil(mean / settings.SCALE_OUT_TARGET_CPU_PERCENT)
  return Math.min(Math.max(wanted, sizesOf(settings, 0).smallest), settings.SCALE_OUT_MAX_WORKERS)
}
