import type { Alert, Notification } from './notification.ts'

export type Verdict = 'firing' | 'resolved' | 'test' | 'no-data'
export type AlertCounts = Partial<Record<Verdict, number>>

export type Triage =
  | { kind: 'act'; firing: [Alert, ...Alert[]]; counts: AlertCounts }
  | { kind: 'ignore'; reason: 'resolved' | 'test-alert' | 'no-data'; counts: AlertCounts }

/** Judges a notification alert by alert: its status as a whole is 'firing' as soon as one of its alerts is. */
export function triage(notification: Notification): Triage {
  const judged = notification.alerts.map((alert) => ({ alert, verdict: judge(alert, notification.groupKey) }))
  const counts: AlertCounts = {}
  for (const { verdict } of judged) counts[verdict] = (counts[verdict] ?? 0) + 1
  const [first, ...others] = judged.filter(({ verdict }) => verdict === 'firing').map(({ alert }) => alert)
  if (first) return { kind: 'act', firing: [first, ...others], counts }
  if (counts['no-data']) return { kind: 'ignore', reason: 'no-data', counts }
  return { kind: 'ignore', reason: counts.test ? 'test-alert' : 'resolved', counts }
}

function judge(alert: Alert, groupKey: string): Verdict {
  if (alert.status === 'resolved') return 'resolved'
  if (isTest(alert, groupKey)) return 'test'
  return isMissingData(alert) ? 'no-data' : 'firing'
}

// The Test button lets a person replace the labels; its group key, `webhook-<fingerprint>-<unix time>`, stays
// (grafana/alerting, notify/receivers.go). That of a real group starts with a brace.
const isTest = (alert: Alert, groupKey: string) =>
  alert.labels.alertname === 'TestAlert' || /^webhook-[0-9a-f]+-\d+$/.test(groupKey)

// A rule that treats missing data as alerting keeps its own name and tells by this annotation only
// (grafana, pkg/services/ngalert/models/alert_rule.go, StateReason).
const isMissingData = ({ labels, annotations }: Alert) =>
  labels.alertname === 'DatasourceNoData' ||
  labels.alertname === 'DatasourceError' ||
  Boolean(annotations.grafana_state_reason)
