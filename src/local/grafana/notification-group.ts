import { isFiring, type Alert } from './alert.ts'

/** Seconds. */
export type GroupTimes = { groupWait: number; groupInterval: number; repeatInterval: number }

/** The alerts that are sent together to one integration of a contact point, and what was sent last. */
export type NotificationGroup = {
  alerts: ReadonlyMap<string, Alert>
  /** The time of the next flush; none while the group is empty. */
  flushAt?: Date
  lastSent?: { at: Date; firing: ReadonlySet<string>; resolved: ReadonlySet<string> }
}

export const emptyGroup: NotificationGroup = { alerts: new Map() }

/** Adds an alert, or its new state; the first one starts the group wait. */
export function withAlert(group: NotificationGroup, alert: Alert, times: GroupTimes, now: Date): NotificationGroup {
  // An alert that is resolved before it was sent is dropped.
  if (!isFiring(alert) && !group.alerts.has(alert.fingerprint)) return group
  const alerts = new Map(group.alerts).set(alert.fingerprint, alert)
  return { ...group, alerts, flushAt: group.flushAt ?? after(now, times.groupWait) }
}

/**
 * Flushes a group: returns the alerts to send now. As in Alertmanager (notify.go, DedupStage) it sends when an alert fires that was not
 * sent as firing, when all are resolved, when one is newly resolved, or when the repeat interval has passed. The next flush is one group
 * interval later, in any case.
 */
export function flush(
  group: NotificationGroup,
  times: GroupTimes,
  disableResolveMessage: boolean,
  now: Date,
): { group: NotificationGroup; due: readonly Alert[] } {
  if (!group.flushAt || group.flushAt > now) return { group, due: [] }
  const looked = { ...group, flushAt: after(now, times.groupInterval) }
  const alerts = [...group.alerts.values()]
  if (!isNews(group, times, disableResolveMessage, now)) return { group: settled(looked, alerts), due: [] }
  const due = disableResolveMessage ? alerts.filter(isFiring) : alerts
  // Nothing to send counts as sent.
  return due.length === 0 ? { group: recordSent(looked, alerts, now), due } : { group: looked, due }
}

/** The group after the alerts of a flush have been delivered. After a failed delivery the group stays as it is, and the next flush retries. */
export function recordSent(group: NotificationGroup, alerts: readonly Alert[], now: Date): NotificationGroup {
  const fingerprints = (firing: boolean) =>
    new Set(alerts.filter((alert) => isFiring(alert) === firing).map(({ fingerprint }) => fingerprint))
  return settled({ ...group, lastSent: { at: now, firing: fingerprints(true), resolved: fingerprints(false) } }, alerts)
}

function isNews(
  { alerts, lastSent }: NotificationGroup,
  times: GroupTimes,
  disableResolveMessage: boolean,
  now: Date,
): boolean {
  const all = [...alerts.values()]
  const firing = all.filter(isFiring)
  const resolved = all.filter((alert) => !isFiring(alert))
  if (!lastSent) return firing.length > 0
  if (firing.some(({ fingerprint }) => !lastSent.firing.has(fingerprint))) return true
  if (firing.length === 0) return lastSent.firing.size > 0
  if (!disableResolveMessage && resolved.some(({ fingerprint }) => !lastSent.resolved.has(fingerprint))) return true
  return now.getTime() - lastSent.at.getTime() > times.repeatInterval * 1000
}

/** Removes resolved alerts that need not be sent any more. The first alert of an empty group starts a new group wait. */
function settled(group: NotificationGroup, done: readonly Alert[]): NotificationGroup {
  const gone = new Set(done.filter((alert) => !isFiring(alert)))
  const alerts = new Map([...group.alerts].filter(([, alert]) => !gone.has(alert)))
  if (alerts.size > 0) return { ...group, alerts }
  return group.lastSent ? { alerts, lastSent: group.lastSent } : { alerts }
}

const after = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000)
