import * as z from 'zod'
import type { GrafanaApi } from './grafana-api.ts'
import { carryOutRemoval, type Removal, type Removed } from './removal.ts'
import { applyResource, type Mode, type Outcome, type Resource } from './resource.ts'

type Report = (line: string) => void

/** Throws when the server can't be reached, is not Grafana, or refuses the sign-in. This is reported once, and nothing else is tried. */
export const checkGrafana = (api: GrafanaApi) => api.get('/api/folders?limit=1', z.array(z.unknown()))

/**
 * Applies one resource after the other and reports each; after a failure it goes on. If all succeeded, it removes what `leftOver` finds, so
 * that rules of an earlier version stay until the new ones work. True if nothing failed.
 */
export async function applyAll(
  api: GrafanaApi,
  resources: readonly Resource[],
  leftOver: () => Promise<readonly Removal[]>,
  mode: Mode,
  report: Report,
): Promise<boolean> {
  await checkGrafana(api)
  const outcomes: Outcome[] = []
  for (const resource of resources) {
    const outcome = await applyResource(resource, mode)
    outcomes.push(outcome)
    report(describe(outcome, mode.dryRun))
  }
  const count = (result: Outcome['result']) => outcomes.filter((outcome) => outcome.result === result).length
  const would = mode.dryRun ? 'would be ' : ''
  report(
    `${count('created')} ${would}created, ${count('changed')} ${would}changed, ` +
      `${count('unchanged')} unchanged, ${count('failed')} failed`,
  )
  if (count('failed') > 0) return false
  const left = await leftOver()
  return left.length === 0 || removeAll(api, left, mode.dryRun, report)
}

/** Removes one resource after the other and reports each. True if nothing failed. */
export async function removeAll(api: GrafanaApi, removals: readonly Removal[], dryRun: boolean, report: Report) {
  const outcomes: Removed[] = []
  for (const removal of removals) {
    const outcome = await carryOutRemoval(api, removal, dryRun)
    outcomes.push(outcome)
    report(describe(outcome, dryRun))
  }
  const count = (result: Removed['result']) => outcomes.filter((outcome) => outcome.result === result).length
  report(`${count('removed')} ${dryRun ? 'would be ' : ''}removed, ${count('kept')} kept, ${count('failed')} failed`)
  return count('failed') === 0
}

const shownPaths = 5

function describe(outcome: Outcome | Removed, dryRun: boolean): string {
  const would = dryRun && ['created', 'changed', 'removed'].includes(outcome.result) ? 'would be ' : ''
  const start = `${`${would}${outcome.result}`.padEnd(dryRun ? 17 : 10)} ${outcome.name}`
  if (outcome.result === 'failed') return `${start}: ${outcome.problem}`
  if (outcome.result === 'kept') return `${start}: ${outcome.why}`
  if (outcome.result !== 'changed') return start
  const more = outcome.paths.length - shownPaths
  return `${start}: ${outcome.paths.slice(0, shownPaths).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
