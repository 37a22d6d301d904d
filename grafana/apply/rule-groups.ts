import { durationSeconds } from './duration.ts'
import { expandGroup, type Rule, type RuleGroup } from './alerting-file.ts'
import type { Variables } from './expand-variables.ts'
import { folderUid } from './folder.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonSchema } from './json.ts'
import type { Resource } from './resource.ts'

/** A group of rules as in the API. The group is written as a whole. */
export const ruleGroupResource = (api: GrafanaApi, group: RuleGroup, variables: Variables): Resource => {
  const path = `/api/v1/provisioning/folder/${folderUid}/rule-groups/${encodeURIComponent(group.name)}`
  return {
    name: `rule group ${group.name}`,
    desired: () => jsonSchema.parse(asApiGroup(expandGroup(group, variables))),
    read: () => api.find(path, jsonSchema),
    create: (desired) => api.put(path, desired),
    update: (desired) => api.put(path, desired),
  }
}

const asApiGroup = (group: RuleGroup) => ({
  title: group.name,
  folderUid,
  interval: durationSeconds(group.interval),
  rules: group.rules.map((rule) => asApiRule(rule, group)),
})

/** Two fields have other names in the API, and the link to a panel is a pair of annotations. */
function asApiRule(rule: Rule, group: RuleGroup) {
  const { dashboardUid, panelId, keepFiringFor, missing_series_evals_to_resolve, annotations, ...same } = rule
  return {
    ...same,
    orgID: group.orgId,
    folderUID: folderUid,
    ruleGroup: group.name,
    annotations: {
      ...annotations,
      __dashboardUid__: dashboardUid,
      __panelId__: String(panelId),
    },
    ...(keepFiringFor === undefined ? {} : { keep_firing_for: keepFiringFor }),
    ...(missing_series_evals_to_resolve === undefined
      ? {}
      : { missingSeriesEvalsToResolve: missing_series_evals_to_resolve }),
  }
}
