import {
  found,
  groupSchema,
  refused,
  rulesOf,
  type Answer,
  type GrafanaContent,
  type Stored,
} from './grafana-content.ts'

export const removed = (things: Map<string, Stored>, key: string, status: number): Answer =>
  things.delete(key) ? { status, body: { message: 'deleted' } } : found(undefined)

/** Grafana answers 204, even if the rule did not exist. */
export function deleteRule(content: GrafanaContent, uid: string): Answer {
  for (const [name, stored] of content.ruleGroups) {
    const group = groupSchema.parse(stored)
    const rules = group.rules.filter((rule) => rule.uid !== uid)
    if (rules.length === 0) content.ruleGroups.delete(name)
    else content.ruleGroups.set(name, { ...group, rules })
  }
  return { status: 204, body: undefined }
}

export function deleteContactPoint(content: GrafanaContent, uid: string): Answer {
  const name = content.contactPoints.get(uid)?.name
  // Only the last integration of a contact point is refused (Grafana's provisioning, DeleteContactPoint).
  const isLast = [...content.contactPoints.values()].filter((point) => point.name === name).length === 1
  if (isLast && content.policyReceivers.some((receiver) => receiver === name))
    return refused(409, 'Contact point is currently referenced by a notification policy.')
  if (isLast && rulesOf(content).some((rule) => rule.notification_settings?.receiver === name))
    return refused(409, 'Contact point is currently used in the notification settings of one or many alert rules.')
  content.contactPoints.delete(uid)
  return { status: 202, body: { message: 'contactpoint deleted' } }
}

export function deleteMuteTiming(content: GrafanaContent, name: string): Answer {
  if (rulesOf(content).some((rule) => rule.notification_settings?.mute_time_intervals?.includes(name)))
    return refused(409, 'Time interval is used')
  content.muteTimings.delete(name)
  return { status: 204, body: undefined }
}
