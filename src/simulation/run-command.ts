import { writeFile } from 'node:fs/promises'
import { scalingPolicy } from '../functions/scaling-policy.ts'
import { addUp } from './add-up.ts'
import { builtInLoads } from './built-in-loads.ts'
import { checkMonths, type MonthsCheck } from './check-months.ts'
import { comparePolicies, type Comparison } from './compare-policies.ts'
import { findLoads } from './find-loads.ts'
import { judgeClaims, type Claim } from './judge-claims.ts'
import { judgeStep } from './judge-step.ts'
import { plotSvg } from './plot-svg.ts'
import { legend, printClaims, printTable } from './print-table.ts'
import { printTotals } from './print-totals.ts'
import { drawnLoad, readArguments, usage, type Arguments } from './read-arguments.ts'
import { firingRules } from './shipped-rule.ts'
import { simulatedSettings } from './simulated-settings.ts'
import type { World } from './run-policy.ts'
import { grossFaults } from './world-facts.ts'
import { usualWorkers, worldFor } from './world.ts'

export type Output = { log: (line: string) => void; error: (line: string) => void }

/** `npm run simulate`. Returns the exit code, 1 when one of our growths broke a rule. Throws for wrong input. */
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
    return reportMonths(given.months, worldOf(given.workers ?? usualWorkers), given, output)
  if (given.seeds !== undefined) return reportSeeds(given.seeds, worldOf(given.workers ?? usualWorkers), given, output)
  const { loads, workers } = await findLoads(given, settings, output)
  return reportLoads(
    loads.map((load) => {
      const comparison = comparePolicies(load, worldOf(workers))
      if (!given.json) output.log(`${printTable(comparison)}\n`)
      return comparison
    }),
    given,
    worldOf(workers),
    output,
  )
}

async function reportLoads(comparisons: Comparison[], given: Arguments, world: World, output: Output): Promise<number> {
  const claims = [...stepClaims(comparisons, world), ...judgeClaims(addUp(comparisons))]
  if (given.json) {
    const { seed, workers, settings, over: threshold } = world
    const loads = comparisons.map(({ load: { name, title }, summaries }) => ({ name, title, policies: summaries }))
    output.log(JSON.stringify({ seed, workers, threshold, policy: scalingPolicy(settings), loads, claims }, null, 2))
  } else {
    output.log(`${legend(world.over, comparisons[0]?.summaries ?? [])}\n`)
    if (comparisons.length > 1) output.log(`${printTotals(addUp(comparisons), world.over)}\n`)
    output.log(printClaims(claims))
  }
  const drawn = comparisons.find(({ load }) => comparisons.length === 1 || load.name === drawnLoad)
  if (given.plot !== undefined && drawn) await plot(drawn, given.plot, world, output)
  const ours = comparisons.flatMap(({ summaries }) => summaries).filter(({ name }) => name === 'ours')
  return ours.some(({ beforeSettled, blind }) => beforeSettled > blind) ? 1 : 0
}

function stepClaims(comparisons: readonly Comparison[], world: World): Claim[] {
  const bar = { over: world.over, rules: firingRules(world.alerting) }
  const steps = comparisons.filter(({ load }) => load.name === 'step').flatMap(({ runs }) => runs)
  return steps
    .filter(({ policy }) => policy.name === 'ours')
    .map((run) => judgeStep(run, scalingPolicy(world.settings), bar))
}

async function plot(drawn: Comparison, file: string, { over }: World, output: Output): Promise<void> {
  await writeFile(file, plotSvg(drawn, over)).catch((cause: unknown) => {
    throw new Error(`--plot ${file} can't be written: ${cause instanceof Error ? cause.message : ''}`, { cause })
  })
  output.error(`drawn: ${file}`)
}

function reportSeeds(
  [first, last]: readonly [number, number],
  world: World,
  { json }: Arguments,
  output: Output,
): number {
  const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index)
  const comparisons = seeds.flatMap((seed) => {
    const ofSeed = builtInLoads(world.workers, seed)
      .filter(({ isApart }) => !isApart)
      .map((load) => {
        const { summaries } = comparePolicies(load, { ...world, seed })
        return { load, summaries }
      })
    output.error(`seed ${seed}`)
    return ofSeed
  })
  const totals = addUp(comparisons)
  const claims = judgeClaims(totals)
  if (json) output.log(JSON.stringify({ seeds: [first, last], totals, claims }, null, 2))
  else output.log(`${printTotals(totals, world.over)}\n\n${printClaims(claims)}`)
  return totals.some(({ name, beforeSettled, blind }) => name === 'ours' && beforeSettled > blind) ? 1 : 0
}

function reportMonths(months: number, world: World, { json }: Arguments, output: Output): number {
  const check = checkMonths(months, { ...world, faults: grossFaults }, (done) => {
    if (done % 100 === 0) output.error(`${done} months`)
  })
  output.log(json ? JSON.stringify(check, null, 2) : printMonths(check))
  return check.violations.length > 0 ? 1 : 0
}

const rules = {
  'before-settled': 'before the last growth had settled',
  'blind-twice': 'a second time in one silence of the coordinator',
  'beyond-maximum': 'beyond the maximum',
}

function printMonths({ months, violations, ...check }: MonthsCheck): string {
  const broken = violations.map(
    ({ seed, load, kind, growth }) => `seed ${seed}, ${load}: grew from ${growth.from} to ${growth.to} ${rules[kind]}`,
  )
  return [
    ...broken,
    `${months} months: ${check.scaleOuts} scale-outs, ${check.deploymentsFailed} failed deployments, ${violations.length} that broke a rule`,
    `${check.silences} silences of an hour and more: ${check.blind} scale-outs in them, ${check.blindBeforeSettled} before the last had settled`,
  ].join('\n')
}
