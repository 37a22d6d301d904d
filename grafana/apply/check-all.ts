import type { ClusterKind } from '../../src/settings.ts'
import { checkGrafana } from './apply-all.ts'
import { checkContactPoints } from './check-contact-points.ts'
import { checkDataSource } from './check-data-source.ts'
import { checkFunctions } from './check-functions.ts'
import { checkRules } from './check-rules.ts'
import type { Variables } from './expand-variables.ts'
import type { Finding } from './finding.ts'
import type { GrafanaApi } from './grafana-api.ts'
import type { ShippedFiles } from './shipped-files.ts'

/** Checks everything that was applied for the cluster, in Grafana and with the functions, and reports each. True if all is well. */
export async function checkAll(
  api: GrafanaApi,
  kind: ClusterKind,
  files: ShippedFiles,
  variables: Variables,
  report: (line: string) => void,
): Promise<boolean> {
  await checkGrafana(api)
  const findings: Finding[] = []
  const checks: [name: string, check: () => Promise<Finding[]>][] = [
    ...files.dataSources.map((source): [string, () => Promise<Finding[]>] => [
      `data source ${source.name}`,
      () => checkDataSource(api, source),
    ]),
    ['contact points', () => checkContactPoints(api, files.contactPoints, variables)],
    ['rules', () => checkRules(api, files.groups)],
    ['function status', () => checkFunctions(kind, variables)],
  ]
  for (const [name, check] of checks)
    for (const finding of await findingsOf(name, check)) {
      findings.push(finding)
      report(describe(finding))
    }
  const problems = findings.filter(({ problem }) => problem !== undefined).length
  report(problems === 0 ? 'all is well' : `${problems} of ${findings.length} are not well`)
  return problems === 0
}

/** A check that fails with an error counts as not well; the other checks still run. */
const findingsOf = (name: string, check: () => Promise<Finding[]>): Promise<Finding[]> =>
  check().catch((error: unknown) => [{ name, problem: error instanceof Error ? error.message : String(error) }])

function describe({ name, problem, note }: Finding): string {
  const details = problem ?? note
  return `${(problem === undefined ? 'well' : 'not well').padEnd(10)} ${name}${details === undefined ? '' : `: ${details}`}`
}
