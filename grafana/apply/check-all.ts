import { knock } from './apply-all.ts'
import { checkContactPoints } from './check-contact-points.ts'
import { checkDataSource } from './check-data-source.ts'
import { checkFunctions } from './check-functions.ts'
import { checkRules } from './check-rules.ts'
import type { Variables } from './expand-variables.ts'
import type { GrafanaApi } from './grafana-api.ts'
import type { ShippedFiles } from './shipped-files.ts'

/** What was asked, and what is wrong with it; nothing where all is well. `note` is worth knowing all the same. */
export type Finding = { name: string; problem?: string | undefined; note?: string | undefined }

/** Asks Grafana and the functions whether all that was applied for the cluster is well, and reports each. True when all is. */
export async function checkAll(
  api: GrafanaApi,
  files: ShippedFiles,
  variables: Variables,
  report: (line: string) => void,
): Promise<boolean> {
  await knock(api)
  const findings: Finding[] = []
  const checks = [
    ...files.dataSources.map((source) => () => checkDataSource(api, source)),
    () => checkContactPoints(api, files.contactPoints, variables),
    () => checkRules(api, files.groups),
    () => checkFunctions(variables),
  ]
  for (const check of checks)
    for (const finding of await check()) {
      findings.push(finding)
      report(describe(finding))
    }
  const problems = findings.filter(({ problem }) => problem !== undefined).length
  report(problems === 0 ? 'all is well' : `${problems} of ${findings.length} are not well`)
  return problems === 0
}

function describe({ name, problem, note }: Finding): string {
  const details = problem ?? note
  return `${(problem === undefined ? 'well' : 'not well').padEnd(10)} ${name}${details === undefined ? '' : `: ${details}`}`
}
