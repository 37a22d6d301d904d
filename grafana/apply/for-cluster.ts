import type { Rule, RuleGroup } from './alerting-file.ts'
import { nameFor, type ClusterName } from './cluster-names.ts'
import { panelLink } from './panel-link.ts'
import { sectionLink } from './runbook.ts'
import type { ShippedFiles } from './shipped-files.ts'

/**
 * The files with the names for one cluster: `watch` becomes `<cluster>-watch`, since Grafana may have other clusters too. Rules get the
 * label `cluster` and a link to their panel. Dashboards do not change: all clusters share them.
 */
export function forCluster(files: ShippedFiles, cluster: ClusterName): ShippedFiles {
  const name = (short: string) => nameFor(cluster, short)
  return {
    ...files,
    groups: files.groups.map((group) => namedGroup(group, files, cluster)),
    contactPoints: files.contactPoints.map((point) => ({
      ...point,
      name: name(point.name),
      receivers: point.receivers.map((receiver) => ({ ...receiver, uid: name(receiver.uid) })),
    })),
    muteTimes: files.muteTimes.map((timing) => ({ ...timing, name: name(timing.name) })),
    dataSources: files.dataSources.map((source) => ({
      ...source,
      uid: name(source.uid),
      name: `${cluster.prefix}: ${source.name}`,
    })),
  }
}

function namedGroup(group: RuleGroup, files: ShippedFiles, cluster: ClusterName): RuleGroup {
  const rules = group.rules.map((rule) => namedRule(rule, files, cluster))
  return { ...group, name: nameFor(cluster, group.name), rules }
}

function namedRule(rule: Rule, { dashboards, runbook: sections }: ShippedFiles, cluster: ClusterName): Rule {
  const { receiver, mute_time_intervals: mutedBy, ...times } = rule.notification_settings
  const { runbook, ...annotations } = rule.annotations
  const found = dashboards.find(({ name }) => name === rule.dashboardUid)
  if (!found) throw new Error(`rule ${rule.uid}: grafana/ has no dashboard ${rule.dashboardUid}`)
  return {
    ...rule,
    uid: nameFor(cluster, rule.uid),
    // Grafana requires different titles within a folder, and the title is the name of the alerts.
    title: `${cluster.prefix}: ${rule.title}`,
    labels: cluster.label === undefined ? rule.labels : { ...rule.labels, cluster: cluster.label },
    dashboardUid: found.dashboard.uid,
    annotations: {
      ...annotations,
      panel_url: panelLink(found.dashboard, rule.panelId, cluster),
      ...(runbook === undefined ? {} : { runbook_url: sectionLink(runbook, sections) }),
    },
    data: rule.data.map((query) => queryOfCluster(query, cluster)),
    notification_settings: {
      ...times,
      receiver: nameFor(cluster, receiver),
      ...(mutedBy === undefined ? {} : { mute_time_intervals: mutedBy.map((timing) => nameFor(cluster, timing)) }),
    },
  }
}

function queryOfCluster(query: Rule['data'][number], cluster: ClusterName): Rule['data'][number] {
  if (query.datasourceUid === '__expr__') return query
  const uid = nameFor(cluster, query.datasourceUid)
  return { ...query, datasourceUid: uid, model: { ...query.model, datasource: { ...query.model.datasource, uid } } }
}
