import type { Alert, Notification } from './notification.ts'

export type Verdict = 'test' | 'not-ours' | 'resolved' | 'no-data' | 'firing'
/** The function that a rule calls, as its label `action` names it; a rule that only notifies people has `people`. */
export type Action = 'scale-out' | 'rebalance'
/** The labels that an alert must have to count. */
export type Address = { action: Action; cluster: string }
export type AlertCounts = Partial<Record<Verdict, number>>

export type Triage =
  | { kind: 'act'; firing: [Alert, ...Alert[]]; counts: AlertCounts }
  | { kind: 'ignore'; reason: 'no-data' | 'test-alert' | 'resolved' | 'not-ours'; counts: AlertCounts }

/** Judges a notification alert by alert: its status as a whole is 'firing' as soon as one of its alerts is. */
export function triage(notification: Notification, address: Address): Triage {
  const judged = notification.alerts.map((alert) => ({ alert, verdict: judge(alert, notification.groupKey, address) }))
  const counts: AlertCounts = {}
  for (const { verdict } of judged) counts[verdict] = (counts[verdict] ?? 0) + 1
  const [first, ...others] = judged.filter(({ verdict }) => verdict === 'firing').map(({ alert }) => alert)
  if (first) return { kind: 'act', firing: [first, ...others], counts }
  const present = (
    [
      ['no-data', 'no-data'],
      ['test', 'test-alert'],
      ['resolved', 'resolved'],
      ['not-ours', 'not-ours'],
    ] as const
  ).find(([verdict]) => counts[verdict])
  return { kind: 'ignore', reason: present?.[1] ?? 'resolved', counts }
}

/** The first verdict that applies. An alert without our `action`, or for another cluster, is not ours in any state. */
function judge(alert: Alert, groupKey: string, address: Address): Verdict {
  if (isTest(alert, groupKey)) return 'test'
  const { action, cluster } = alert.labels
  if (action !== address.action || (cluster !== undefined && cluster !== address.cluster)) return 'not-ours'
  if (alert.status === 'resolved') return 'resolved'
  return isMissingData(alert) ? 'no-data' : 'firing'
}

// With the Test button a person may change the labels, but not the group key `webhook-<fingerprint>-<unix time>`
// (grafana/alerting, notify/receivers.go). The key of a real group starts with a brace.
const isTest = (alert: Alert, groupKey: string) =>
  alert.labels.alertname === 'TestAlert' || /^webhook-[0-9a-f]+-\d+$/.test(groupKey)

// A rule that treats missing data as alerting keeps its own name; only this annotation shows it
// (grafana, pkg/services/ngalert/models/alert_rule.go, StateReason).
const isMissingData = ({ labels, annotations }: Alert) =>
  labels.alertname === 'DatasourceNoData' ||
  labels.alertname === 'DatasourceError' ||
  Boolean(annotations.grafana_state_reason)
