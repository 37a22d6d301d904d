import { contactPointResources } from './contact-points.ts'
import { dashboardResource } from './dashboards.ts'
import { dataSourceResource } from './data-sources.ts'
import type { Variables } from './expand-variables.ts'
import { folderResource } from './folder.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { muteTimingResource } from './mute-timings.ts'
import type { Resource } from './resource.ts'
import { ruleGroupResource } from './rule-groups.ts'
import type { ShippedFiles } from './shipped-files.ts'

/** All resources to apply, from files with the cluster's names. Those that others depend on come first. */
export function allResources(api: GrafanaApi, files: ShippedFiles, variables: Variables): Resource[] {
  const folders = new Set(files.groups.map(({ folder }) => folder))
  return [
    ...[...folders].map((title) => folderResource(api, title)),
    ...files.dataSources.map((dataSource) => dataSourceResource(api, dataSource, variables)),
    ...files.contactPoints.flatMap((point) => contactPointResources(api, point, variables)),
    ...files.muteTimes.map((muteTiming) => muteTimingResource(api, muteTiming)),
    ...files.groups.map((group) => ruleGroupResource(api, group, variables)),
    ...files.dashboards.map(({ dashboard }) => dashboardResource(api, dashboard)),
  ]
}
