import { scalingPolicy } from '../functions/scaling-policy.ts'
import { allLoads, judgeAgainstCooldown, judgeStep, type Claim } from './judge-claims.ts'
import type { Load } from './load.ts'
import { policiesFor } from './policies.ts'
import { runPolicy, type Run, type World } from './run-policy.ts'
import { firingRule } from './shipped-rule.ts'
import { summarizeRun, type Bar, type Summary } from './summarize-run.ts'

/** One load under every policy, and what the runs come to. */
export type Comparison = { load: Load; runs: Run[]; summaries: Summary[] }

/** Runs a load under every policy: in the same world, with the same luck. */
export function comparePolicies(load: Load, world: World): Comparison {
  const bar = barOf(world)
  const policies = policiesFor(scalingPolicy(world.settings), load, bar.threshold)
  const runs = policies.map((policy) => runPolicy(policy, load, world))
  return { load, runs, summaries: runs.map((run) => summarizeRun(run, bar)) }
}

const barOf = ({ alerting, over }: World): Bar => ({ threshold: over, patience: firingRule(alerting).for / 60 })

/** What this project would like to say of itself, each with whether these runs bear it out. */
export function judgeClaims(comparisons: readonly Comparison[], world: World): Claim[] {
  const bar = barOf(world)
  const pairs = comparisons.map(({ load, summaries }) => ({
    load: load.name,
    ours: named('ours', summaries),
    cooldown: named('cooldown', summaries),
  }))
  const step = comparisons
    .filter(({ load }) => load.name === 'step')
    .flatMap(({ runs }) => runs.filter(({ policy }) => policy.name === 'ours'))
    .map((run) => judgeStep(run, scalingPolicy(world.settings), bar))
  const judged = pairs.filter(({ ours, cooldown }) => ours.minutesOver + cooldown.minutesOver > 0)
  return [...step, ...[...judged, ...(pairs.length > 1 ? [allLoads(pairs)] : [])].map(judgeAgainstCooldown)]
}

function named(name: string, summaries: readonly Summary[]): Summary {
  const found = summaries.find((summary) => summary.name === name)
  if (!found) throw new Error(`there is no policy ${name}`)
  return found
}
