import { isFiring, type Alert } from './alert.ts'

/** Seconds. */
export type GroupTimes = { groupWait: number; groupInterval: number; repeatInterval: number }

/** The alerts that are told together to one integration of a contact point, and what was told last. */
export type NotificationGroup = {
  alerts: ReadonlyMap<string, Alert>
  /** When the group is looked at next; none while it holds no alert. */
  flushAt?: Date
  told?: { at: Date; firing: ReadonlySet<string>; resolved: ReadonlySet<string> }
}

export const emptyGroup: NotificationGroup = { alerts: new Map() }

/** The group with an alert that began, goes on or ended; the first one starts the wait. */
export function withAlert(group: NotificationGroup, alert: Alert, times: GroupTimes, now: Date): NotificationGroup {
  // What ended before anybody heard of it goes the way it came.
  if (!isFiring(alert) && !group.alerts.has(alert.fingerprint)) return group
  const alerts = new Map(group.alerts).set(alert.fingerprint, alert)
  return { ...group, alerts, flushAt: group.flushAt ?? after(now, times.groupWait) }
}

/**
 * Looks at a group whose time has come: what is to be told now, if anything. The rules are Alertmanager's (notify.go, DedupStage): a
 * firing alert that was not told as firing, all of them resolved, one newly resolved, or nothing new for longer than the repeat
 * interval. The next look is a group interval away, whatever comes of this one.
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
  // Nothing is left to send: that counts as told.
  return due.length === 0 ? { group: told(looked, alerts, now), due } : { group: looked, due }
}

/** The group after its alerts, all of them as they were at the flush, have been told. A failure changes nothing: the next look tries again. */
export function told(group: NotificationGroup, alerts: readonly Alert[], now: Date): NotificationGroup {
  const fingerprints = (firing: boolean) =>
    new Set(alerts.filter((alert) => isFiring(alert) === firing).map(({ fingerprint }) => fingerprint))
  return settled({ ...group, told: { at: now, firing: fingerprints(true), resolved: fingerprints(false) } }, alerts)
}

function isNews(
  { alerts, told }: NotificationGroup,
  times: GroupTimes,
  disableResolveMessage: boolean,
  now: Date,
): boolean {
  const all = [...alerts.values()]
  const firing = all.filter(isFiring)
  const resolved = all.filter((alert) => !isFiring(alert))
  if (!told) return firing.length > 0
  if (firing.some(({ fingerprint }) => !told.firing.has(fingerprint))) return true
  if (firing.length === 0) return told.firing.size > 0
  if (!disableResolveMessage && resolved.some(({ fingerprint }) => !told.resolved.has(fingerprint))) return true
  return now.getTime() - told.at.getTime() > times.repeatInterval * 1000
}

/** Without those that have ended and are done with; the next first alert of an empty group waits anew. */
function settled(group: NotificationGroup, done: readonly Alert[]): NotificationGroup {
  const gone = new Set(done.filter((alert) => !isFiring(alert)))
  const alerts = new Map([...group.alerts].filter(([, alert]) => !gone.has(alert)))
  if (alerts.size > 0) return { ...group, alerts }
  return group.told ? { alerts, told: group.told } : { alerts }
}

const after = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000)
