import { createHmac } from 'node:crypto'
import { isFiring, type Alert } from './alert.ts'
import type { WebhookSettings } from './contact-point.ts'
import type { Labels } from './labels.ts'

export type GroupIdentity = { receiver: string; groupKey: string; groupLabels: Labels; externalUrl: string }

const never = '0001-01-01T00:00:00Z'

/** The body that Grafana's webhook contact point posts (grafana/alerting, receivers/webhook/v1/webhook.go): version "1". */
export function notificationBody(
  alerts: readonly Alert[],
  { receiver, groupKey, groupLabels, externalUrl }: GroupIdentity,
) {
  const status = alerts.some(isFiring) ? 'firing' : 'resolved'
  const firing = alerts.filter(isFiring).length
  return {
    // As Go's regexp.QuoteMeta: Grafana sends the receiver escaped.
    receiver: receiver.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&'),
    status,
    alerts: alerts.map((alert) => alertBody(alert, externalUrl)),
    groupLabels,
    commonLabels: inCommon(alerts.map(({ labels }) => labels)),
    commonAnnotations: inCommon(alerts.map(({ annotations }) => annotations)),
    externalURL: externalUrl,
    version: '1',
    groupKey,
    truncatedAlerts: 0,
    orgId: 1,
    title: `[${status.toUpperCase()}${firing > 0 ? `:${firing}` : ''}] ${Object.values(groupLabels).join(' ')}`,
    state: status === 'firing' ? 'alerting' : 'ok',
    message: alerts
      .map((alert) => `**${isFiring(alert) ? 'Firing' : 'Resolved'}** ${alert.annotations.summary ?? ''}`)
      .join('\n'),
  }
}

function alertBody(alert: Alert, externalUrl: string) {
  const { fingerprint, labels, annotations, startsAt, endsAt, values, ruleUid } = alert
  const labelText = Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
  return {
    status: endsAt ? 'resolved' : 'firing',
    labels,
    annotations,
    startsAt: startsAt.toISOString(),
    endsAt: endsAt?.toISOString() ?? never,
    generatorURL: `${externalUrl}alerting/grafana/${ruleUid}/view?orgId=1`,
    fingerprint,
    silenceURL: `${externalUrl}alerting/silence/new?alertmanager=grafana&matcher=__alert_rule_uid__%3D${ruleUid}&orgId=1`,
    dashboardURL: '',
    panelURL: '',
    ruleUID: ruleUid,
    values,
    valueString: Object.entries(values ?? {})
      .map(([refId, value]) => `[ var='${refId}' labels={${labelText}} value=${value} ]`)
      .join(', '),
    orgId: 1,
  }
}

function inCommon([first = {}, ...others]: readonly Labels[]): Labels {
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((labels) => labels[name] === value)),
  )
}

/** The request's headers, signed when the contact point says so (grafana/alerting, http/hmac.go): seconds, a colon and the body. */
export function notificationHeaders(settings: WebhookSettings, body: string, now: Date): Record<string, string> {
  const headers = { 'content-type': 'application/json', 'user-agent': 'Grafana', ...settings.headers }
  if (!settings.hmacConfig) return headers
  const { secret, header, timestampHeader } = settings.hmacConfig
  const hmac = createHmac('sha256', secret)
  if (timestampHeader === undefined) return { ...headers, [header]: hmac.update(body).digest('hex') }
  const timestamp = String(Math.floor(now.getTime() / 1000))
  return { ...headers, [timestampHeader]: timestamp, [header]: hmac.update(`${timestamp}:${body}`).digest('hex') }
}
