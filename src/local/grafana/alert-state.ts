import type { Alert } from './alert.ts'
import type { Evaluation, Instance } from './evaluate-rule.ts'
import type { InstanceState } from './instance-state.ts'
import { labelsKey, type Labels } from './labels.ts'
import { toAlert } from './to-alert.ts'
import type { AlertRule } from './read-alerting.ts'

/** The instances of one rule by the key of the labels that its condition had. */
export type RuleState = ReadonlyMap<string, InstanceState>

const missing = -1

/**
 * The next state of a rule after an evaluation, and the alerts to send: those that fire, and those that have just been resolved; as in
 * Grafana (pkg/services/ngalert/state/state.go and manager.go).
 */
export function nextRuleState(
  rule: AlertRule,
  before: RuleState,
  evaluation: Evaluation,
  now: Date,
): { state: RuleState; alerts: readonly Alert[] } {
  const evaluated = evaluatedInstances(rule, before, evaluation, now)
  const unseen = [...before].filter(([key]) => !evaluated.has(key))
  const kept = unseen.filter(([, instance]) => !isStale(rule, instance, now))
  const stale = unseen
    .filter(([, instance]) => isStale(rule, instance, now))
    .map(([key, instance]) => [key, { ...instance, ...became('normal', now), reason: 'MissingSeries' }] as const)
  const alerts = [...evaluated, ...stale].flatMap(([key, after]) => alertsToSend(rule, before.get(key), after, now))
  return { state: new Map([...kept, ...evaluated]), alerts }
}

/** The label keys that count as loaded for a recovery threshold: pending or firing because of their data. */
export const loadedKeys = (state: RuleState): ReadonlySet<string> =>
  new Set(
    [...state]
      .filter(([, { state, reason }]) => (state === 'pending' || state === 'alerting') && reason === '')
      .map(([key]) => key),
  )

function evaluatedInstances(rule: AlertRule, before: RuleState, evaluation: Evaluation, now: Date) {
  if (evaluation.kind === 'instances')
    return new Map(
      evaluation.instances.map((found) => {
        const key = labelsKey(found.labels)
        return [key, afterInstance(rule, before.get(key) ?? fresh(found.labels, now), found, now)] as const
      }),
    )
  const all = [...before].filter(([, { state }]) => state !== 'no-data' && state !== 'error')
  const makesAlertOfItsOwn =
    (evaluation.kind === 'error' ? rule.execErrState : rule.noDataState) === titleOf(evaluation)
  if (all.length > 0 && !makesAlertOfItsOwn)
    return new Map(all.map(([key, instance]) => [key, afterMissing(rule, instance, evaluation, now)] as const))
  const key = labelsKey({})
  return new Map([[key, afterMissing(rule, before.get(key) ?? fresh({}, now), evaluation, now)]])
}

function afterInstance(rule: AlertRule, before: InstanceState, found: Instance, now: Date): InstanceState {
  if (found.state === 'no-data') return afterMissing(rule, before, { kind: 'no-data' }, now)
  const next = found.state === 'alerting' ? alerting(rule, before, now) : normal(rule, before, now)
  return { ...next, values: found.values, reason: '', evaluatedAt: now }
}

function afterMissing(rule: AlertRule, before: InstanceState, evaluation: Missing, now: Date): InstanceState {
  const handling = evaluation.kind === 'error' ? rule.execErrState : rule.noDataState
  const title = titleOf(evaluation)
  const values = Object.fromEntries(Object.keys(before.values).map((refId) => [refId, missing]))
  const next = (state: InstanceState, reason: string) => ({ ...state, values, reason, evaluatedAt: now })
  switch (handling) {
    case 'OK':
      return next(normal(rule, before, now), title)
    case 'Alerting':
      return next(alerting(rule, before, now), title)
    case 'KeepLast':
      return next(keepLast(rule, before, now), `${title}, KeepLast`)
    case 'NoData':
    case 'Error': {
      const own = handling === 'Error' ? 'error' : 'no-data'
      return next(before.state === own ? before : { ...before, ...became(own, now) }, '')
    }
  }
}

type Missing = Exclude<Evaluation, { kind: 'instances' }>
const titleOf = ({ kind }: Missing) => (kind === 'error' ? 'Error' : 'NoData')

function alerting(rule: AlertRule, before: InstanceState, now: Date): InstanceState {
  if (before.state === 'alerting') return withoutRecovery(before)
  const pending = before.state === 'pending' ? before : { ...before, ...became('pending', now) }
  return secondsBetween(pending.since, now) >= rule.for ? { ...pending, ...became('alerting', now) } : pending
}

function normal(rule: AlertRule, before: InstanceState, now: Date): InstanceState {
  if (before.state === 'normal') return before
  const recoveringSince = before.recoveringSince ?? now
  if (before.state === 'alerting' && secondsBetween(recoveringSince, now) < rule.keepFiringFor)
    return { ...before, recoveringSince }
  return { ...withoutRecovery(before), ...became('normal', now) }
}

function keepLast(rule: AlertRule, before: InstanceState, now: Date): InstanceState {
  if (before.state === 'pending' || before.state === 'alerting') return alerting(rule, before, now)
  return normal(rule, before, now)
}

const became = (state: InstanceState['state'], since: Date) => ({ state, since })

const fresh = (labels: Labels, now: Date): InstanceState => ({
  labels,
  ...became('normal', now),
  values: {},
  reason: '',
  evaluatedAt: now,
})

/** Without `recoveringSince`: `keep_firing_for` no longer keeps it firing. */
function withoutRecovery(instance: InstanceState): InstanceState {
  const rest = { ...instance }
  delete rest.recoveringSince
  return rest
}

const isStale = (rule: AlertRule, { evaluatedAt }: InstanceState, now: Date) =>
  secondsBetween(evaluatedAt, now) >= rule.missingSeriesEvaluations * rule.interval

const secondsBetween = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 1000

const isSent = ({ state }: InstanceState) => state === 'alerting' || state === 'no-data' || state === 'error'

function alertsToSend(rule: AlertRule, before: InstanceState | undefined, after: InstanceState, now: Date): Alert[] {
  const wasSent = before !== undefined && isSent(before)
  const ended = wasSent && before.state !== after.state
  return [
    ...(ended ? [{ ...toAlert(rule, { ...after, state: before.state, since: before.since }), endsAt: now }] : []),
    ...(isSent(after) ? [toAlert(rule, after)] : []),
  ]
}
