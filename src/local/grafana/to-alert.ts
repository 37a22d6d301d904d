import type { Alert } from './alert.ts'
import type { InstanceState } from './instance-state.ts'
import { fingerprint } from './labels.ts'
import type { AlertRule } from './read-alerting.ts'
import { renderAnnotation } from './render-annotation.ts'

const ownNames: Partial<Record<InstanceState['state'], string>> = {
  'no-data': 'DatasourceNoData',
  error: 'DatasourceError',
}

/** The alert of an instance (grafana, pkg/services/ngalert/state/compat.go): a rule's own labels win over those of its data. */
export function toAlert(rule: AlertRule, { labels, state, since, values, reason }: InstanceState): Alert {
  const ownName = ownNames[state]
  const allLabels = {
    ...labels,
    ...rule.labels,
    grafana_folder: rule.folder,
    alertname: ownName ?? rule.title,
    ...(ownName === undefined ? {} : { rulename: rule.title }),
  }
  const annotations = Object.fromEntries(
    Object.entries(rule.annotations).map(([name, text]) => [
      name,
      renderAnnotation(text, { labels: allLabels, values }),
    ]),
  )
  return {
    ruleUid: rule.uid,
    fingerprint: fingerprint({ ...allLabels, __alert_rule_uid__: rule.uid }),
    labels: allLabels,
    annotations: reason === '' ? annotations : { ...annotations, grafana_state_reason: reason },
    startsAt: since,
    values: finiteOrNull(values),
  }
}

function finiteOrNull(values: InstanceState['values']): Alert['values'] {
  const finite = Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1]))
  return finite.length === 0 || finite.length < Object.keys(values).length ? null : Object.fromEntries(finite)
}
