import { scalingPolicy } from '../functions/scaling-policy.ts'
import type { Load } from './load.ts'
import { policiesFor } from './policies.ts'
import { runPolicy, type Run, type World } from './run-policy.ts'
import { firingRules } from './shipped-rule.ts'
import { summarizeRun, type Summary } from './summarize-run.ts'

/** One load under every policy, with the results of the runs. */
export type Comparison = { load: Load; runs: Run[]; summaries: Summary[] }

/** Runs a load under every policy, in the same world and with the same random numbers. */
export function comparePolicies(load: Load, world: World): Comparison {
  const bar = { over: world.over, rules: firingRules(world.alerting) }
  const runs = policiesFor(scalingPolicy(world.settings), load).map((policy) => runPolicy(policy, load, world))
  return { load, runs, summaries: runs.map((run) => summarizeRun(run, bar)) }
}
