import type { GrafanaEvent } from './grafana/grafana-stand-in.ts'
import type { LoopEvent } from './loop-event.ts'
import type { ClusterWatch } from './watch-cluster.ts'

/** Converts events of the Grafana stand-in to events of the loop, and detects when the load is relieved. */
export function watchRelief(watch: Pick<ClusterWatch, 'isSpread' | 'workers'>, onEvent: (event: LoopEvent) => void) {
  const { promise, resolve } = Promise.withResolvers<void>()
  /** The uids of scale-out rules that are not normal. */
  const states = new Map<string, string>()
  /** Those that no measurement has shown to be normal since: a missing one ends an alert as well, but relieves nothing. */
  const hot = new Set<string>()
  let wasFiring = false

  function hear(event: GrafanaEvent) {
    if (event.kind === 'evaluated') return hearEvaluation(event)
    if (event.kind === 'evaluation-failed')
      return onEvent({ kind: 'trouble', message: `${event.rule.title}: ${event.refId}: ${event.message}` })
    const { receiver, status } = event
    const title = event.alerts[0]?.labels.alertname ?? receiver
    const summary = event.alerts[0]?.annotations.summary ?? ''
    if (event.kind === 'people-notified') return onEvent({ kind: 'people-notified', title, status, summary })
    const { body, result } = event
    const sentAt = event.sentAt.getTime()
    const answer = 'problem' in result ? result.problem : `${result.status} ${result.answer}`
    onEvent({ kind: 'posted', sentAt, receiver, title, status, body, answer })
  }

  function hearEvaluation({ rule, instances }: Extract<GrafanaEvent, { kind: 'evaluated' }>) {
    if (rule.labels.action !== 'scale-out') return
    // An instance without labels, from before there was data, may still exist.
    const instance = instances.find(({ state }) => state !== 'normal') ?? instances[0]
    const now = instance?.state ?? 'normal'
    const cpu = instance?.values.cpu_percent ?? undefined
    if (now !== (states.get(rule.uid) ?? 'normal')) onEvent({ kind: 'alert', title: rule.title, state: now, cpu })
    if (now === 'normal') states.delete(rule.uid)
    else states.set(rule.uid, now)
    if (now !== 'normal') hot.add(rule.uid)
    else if (instances.some(({ values }) => (values.cpu_percent ?? -1) >= 0)) hot.delete(rule.uid)
    wasFiring ||= now === 'alerting'
    if (!wasFiring || hot.size > 0 || !watch.isSpread()) return
    wasFiring = false
    onEvent({ kind: 'relieved', workers: watch.workers() })
    resolve()
  }

  return { hear, promise }
}
