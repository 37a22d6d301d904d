import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { scalingPolicy } from '../functions/scaling-policy.ts'
import { shippedAlerting } from '../local/grafana/shipped-alerting.ts'
import type { Settings } from '../settings.ts'
import { builtInLoads } from './built-in-loads.ts'
import { checkSettled } from './check-settled.ts'
import { comparePolicies, judgeClaims, type Comparison } from './compare-policies.ts'
import { decodeText } from './decode-text.ts'
import type { Load } from './load.ts'
import { plotSvg } from './plot-svg.ts'
import { legend, printClaims, printTable } from './print-table.ts'
import { drawnLoad, readArguments, usage, type Arguments } from './read-arguments.ts'
import { readLoad } from './read-load.ts'
import type { World } from './run-policy.ts'
import { firingRule } from './shipped-rule.ts'
import { simulatedSettings, sizesOf } from './simulated-settings.ts'
import { grossFaults, ordinaryFaults } from './world-facts.ts'

export type Output = { log: (line: string) => void; error: (line: string) => void }

const usualWorkers = 4

/** `npm run simulate`: the exit code, 1 when a growth of ours began before the last had settled. Throws what a person has to mend. */
export async function runCommand(
  argv: readonly string[],
  environment: Record<string, string | undefined>,
  output: Output,
): Promise<number> {
  const given = readArguments(argv)
  if (given.help) {
    output.log(usage)
    return 0
  }
  const settings = simulatedSettings(environment)
  const worldOf = await worldFor(settings, given)
  if (given.months !== undefined)
    return checkMonths(given.months, worldOf(given.workers ?? usualWorkers), given, output)
  const { loads, workers } = await loadsFor(given, settings, output)
  const world = worldOf(workers)
  const comparisons = loads.map((load) => {
    const comparison = comparePolicies(load, world)
    if (!given.json) output.log(`${printTable(comparison)}\n`)
    return comparison
  })
  await report(comparisons, given, world, output)
  const ours = comparisons.flatMap(({ summaries }) => summaries).filter(({ name }) => name === 'ours')
  return ours.some(({ beforeSettled }) => beforeSettled > 0) ? 1 : 0
}

async function report(comparisons: Comparison[], given: Arguments, world: World, output: Output): Promise<void> {
  const claims = judgeClaims(comparisons, world)
  if (given.json) {
    const { seed, workers, settings, over: threshold } = world
    const loads = comparisons.map(({ load: { name, title }, summaries }) => ({ name, title, policies: summaries }))
    output.log(JSON.stringify({ seed, workers, threshold, policy: scalingPolicy(settings), loads, claims }, null, 2))
  } else output.log(`${legend(world.over, comparisons[0]?.summaries ?? [])}\n\n${printClaims(claims)}`)
  const drawn = comparisons.find(({ load }) => comparisons.length === 1 || load.name === drawnLoad)
  if (given.plot === undefined || !drawn) return
  await writeFile(given.plot, plotSvg(drawn, world.over)).catch((cause: unknown) => {
    throw new Error(`--plot ${given.plot} can't be written: ${cause instanceof Error ? cause.message : ''}`, { cause })
  })
  output.error(`drawn: ${given.plot}`)
}

function checkMonths(months: number, world: World, { json }: Arguments, output: Output): number {
  const check = checkSettled(months, { ...world, faults: grossFaults }, (done) => {
    if (done % 100 === 0) output.error(`${done} months`)
  })
  const { scaleOuts, deploymentsFailed, violations } = check
  if (json) {
    output.log(JSON.stringify(check, null, 2))
    return violations.length > 0 ? 1 : 0
  }
  for (const { seed, load, growth } of violations)
    output.log(`seed ${seed}, ${load}: grew from ${growth.from} to ${growth.to} before the last growth had settled`)
  output.log(
    `${months} months: ${scaleOuts} scale-outs, ${deploymentsFailed} failed deployments, ${violations.length} begun before the last had settled`,
  )
  return violations.length > 0 ? 1 : 0
}

/** The world but for the number of workers, which the load may decide. */
async function worldFor(settings: Settings, { seed, over }: Arguments): Promise<(workers: number) => World> {
  const alerting = await shippedAlerting(settings.cluster.CLUSTER_KIND, {
    AUTOSCALER_URL: 'http://simulated',
    AUTOSCALER_FUNCTION_KEY: '',
    AUTOSCALER_WEBHOOK_SECRET: 'simulated',
    AUTOSCALER_ALERT_EMAIL: 'simulated@example.com',
    AZURE_SUBSCRIPTION_ID: 'simulated',
    AZURE_RESOURCE_GROUP: 'simulated',
    CLUSTER_NAME: settings.CLUSTER_NAME,
    SCALE_OUT_MAX_WORKERS: String(settings.SCALE_OUT_MAX_WORKERS),
  })
  return (workers) => {
    const sizes = sizesOf(settings, workers)
    const largest = Math.min(sizes.largest, settings.SCALE_OUT_MAX_WORKERS)
    if (workers < sizes.smallest || workers > largest)
      throw new Error(
        `--workers ${workers}: such a cluster has ${sizes.smallest} to ${largest} (SCALE_OUT_MAX_WORKERS)`,
      )
    const bar = over ?? firingRule(alerting).threshold
    return { settings, alerting, sizes, workers, faults: ordinaryFaults, seed, over: bar }
  }
}

async function loadsFor(
  given: Arguments,
  settings: Settings,
  output: Output,
): Promise<{ loads: Load[]; workers: number }> {
  const workers = given.workers ?? usualWorkers
  const builtIn = builtInLoads(workers, given.seed)
  if (given.load === undefined) return { loads: builtIn, workers }
  const named = builtIn.find(({ name }) => name === given.load)
  if (named) return { loads: [named], workers }
  const load = await loadFromFile(given.load, given['queries-per-worker'] ?? 100, builtIn, output)
  return { loads: [load], workers: given.workers ?? firstHourWorkers(load, settings) }
}

async function loadFromFile(path: string, unit: number, builtIn: readonly Load[], output: Output): Promise<Load> {
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

/** As many as bring the mean of the first hour to the target, as far as the kind of cluster and the largest size allow. */
function firstHourWorkers({ minutes }: Load, settings: Settings): number {
  const hour = minutes.slice(0, 60)
  const mean = hour.reduce((sum, work) => sum + work, 0) / hour.length
  const wanted = Math.ceil(mean / settings.SCALE_OUT_TARGET_CPU_PERCENT)
  return Math.min(Math.max(wanted, sizesOf(settings, 0).smallest), settings.SCALE_OUT_MAX_WORKERS)
}
