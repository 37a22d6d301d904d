import type { RuleGroup } from './alerting-file.ts'
import { contactPointResources } from './contact-points.ts'
import { dashboardResource } from './dashboards.ts'
import { dataSourceResource } from './data-sources.ts'
import type { Variables } from './expand-variables.ts'
import { folderResource } from './folder.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { muteTimingResource } from './mute-timings.ts'
import { policyResource } from './policies.ts'
import type { Resource } from './resource.ts'
import { ruleGroupResource, withoutRouting } from './rule-groups.ts'
import type { ShippedFiles } from './shipped-files.ts'

/**
 * Everything that is applied, what others need first. With the policy tree the rules carry no routes of their own, which would go past
 * it.
 */
export function allResources(
  api: GrafanaApi,
  files: ShippedFiles,
  variables: Variables,
  policies: boolean,
): Resource[] {
  const groups = ruleGroups(files, policies)
  const folders = new Set(groups.map(({ folder }) => folder))
  return [
    ...[...folders].map((title) => folderResource(api, title)),
    ...files.dataSources.map((dataSource) => dataSourceResource(api, dataSource, variables)),
    ...files.contactPoints.contactPoints.flatMap((point) => contactPointResources(api, point, variables)),
    ...files.muteTimings.muteTimes.map((muteTiming) => muteTimingResource(api, muteTiming)),
    ...(policies ? files.policies.policies.map((policy) => policyResource(api, policy, variables)) : []),
    ...groups.map((group) => ruleGroupResource(api, group, variables)),
    ...files.dashboards.map(({ dashboard, ownPanels }) => dashboardResource(api, dashboard, ownPanels, variables)),
  ]
}

/** The groups of rules of the files, with or without their own routes. */
export function ruleGroups({ rules }: ShippedFiles, policies: boolean): RuleGroup[] {
  const groups = [...rules.database.groups, ...rules.kind.groups]
  return policies ? groups.map(withoutRouting) : groups
}
