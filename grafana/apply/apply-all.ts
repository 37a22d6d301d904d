import type { GrafanaApi } from './grafana-api.ts'
import { applyResource, type Mode, type Outcome, type Resource } from './resource.ts'

/**
 * Applies one resource after the other and reports each; what fails does not stop the rest. When Grafana cannot be reached or lets
 * nobody in, it is said once and nothing else is tried. True when nothing failed.
 */
export async function applyAll(
  api: GrafanaApi,
  resources: readonly Resource[],
  mode: Mode,
  report: (line: string) => void,
): Promise<boolean> {
  try {
    await api.get('/api/folders?limit=1')
  } catch (error) {
    report(`failed     ${error instanceof Error ? error.message : String(error)}`)
    return false
  }
  const outcomes: Outcome[] = []
  for (const resource of resources) {
    const outcome = await applyResource(resource, mode)
    outcomes.push(outcome)
    report(describe(outcome))
  }
  const count = (result: Outcome['result']) => outcomes.filter((outcome) => outcome.result === result).length
  const would = mode.dryRun ? 'would be ' : ''
  report(
    `${count('created')} ${would}created, ${count('changed')} ${would}changed, ` +
      `${count('unchanged')} unchanged, ${count('failed')} failed`,
  )
  return count('failed') === 0
}

const shownPaths = 5

function describe(outcome: Outcome): string {
  const start = `${outcome.result.padEnd(10)} ${outcome.name}`
  if (outcome.result === 'failed') return `${start}: ${outcome.problem}`
  if (outcome.result !== 'changed') return start
  const more = outcome.paths.length - shownPaths
  return `${start}: ${outcome.paths.slice(0, shownPaths).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
