import assert from 'node:assert/strict'
import test from 'node:test'
import { loadedKeys, nextRuleState, type RuleState } from '../../../src/local/grafana/alert-state.ts'
import type { Evaluation } from '../../../src/local/grafana/evaluate-rule.ts'
import { ruleWith } from './alerting-fixture.ts'

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 0, minutes))
const found = (load: number, node = 'a'): Evaluation => ({
  kind: 'instances',
  instances: [{ labels: { node }, state: load > 80 ? 'alerting' : 'normal', values: { load, hot: load > 80 ? 1 : 0 } }],
})
const noData: Evaluation = { kind: 'no-data' }
const error: Evaluation = { kind: 'error', refId: 'load', message: 'connection refused' }

/** One evaluation per minute, with the states and alerts after each. */
function play(rule: ReturnType<typeof ruleWith>, evaluations: readonly Evaluation[]) {
  let state: RuleState = new Map()
  return evaluations.map((evaluation, minute) => {
    const next = nextRuleState(rule, state, evaluation, at(minute))
    state = next.state
    return {
      alerts: next.alerts,
      states: [...state.values()].map(({ state }) => state),
      loaded: loadedKeys(state).size,
    }
  })
}

const statesOf = (rule: ReturnType<typeof ruleWith>, ...evaluations: Evaluation[]) =>
  play(rule, evaluations).map(({ states }) => states.join())

test('a rule is pending for its `for`, then fires, and is normal as soon as the condition is not met', () => {
  const states = statesOf(ruleWith(), found(90), found(90), found(90), found(90), found(10), found(90))
  assert.deepEqual(states, ['pending', 'pending', 'alerting', 'alerting', 'normal', 'pending'])
})

test('with `for` 0 a rule fires at once, with labels, annotations, values and startsAt', () => {
  const [first, second, third] = play(ruleWith({ for: '0s' }), [found(90), found(95), found(10)])
  const alert = first?.alerts[0]
  assert.ok(alert)
  assert.deepEqual(alert.labels, {
    node: 'a',
    action: 'scale-out',
    grafana_folder: 'a folder',
    alertname: 'Load is high',
  })
  assert.equal(alert.annotations.summary, 'load 90.0 of a')
  assert.deepEqual(alert.values, { load: 90, hot: 1 })
  assert.deepEqual(alert.startsAt, at(0))
  assert.match(alert.fingerprint, /^[0-9a-f]{16}$/)
  assert.deepEqual(second?.alerts[0]?.startsAt, at(0))
  assert.equal(second.alerts[0].fingerprint, alert.fingerprint)
  assert.deepEqual(third?.alerts[0]?.endsAt, at(2))
})

test('keepFiringFor keeps a rule firing for that long after the condition is no longer met', () => {
  const rule = ruleWith({ for: '0s', keepFiringFor: '2m' })
  const states = statesOf(rule, found(90), found(10), found(90), found(10), found(10), found(10))
  assert.deepEqual(states, ['alerting', 'alerting', 'alerting', 'alerting', 'alerting', 'normal'])
})

const handled: [field: object, missing: Evaluation, states: string[]][] = [
  [{ noDataState: 'OK' }, noData, ['alerting', 'normal', 'normal']],
  [{ noDataState: 'KeepLast' }, noData, ['alerting', 'alerting', 'alerting']],
  [{ noDataState: 'Alerting' }, noData, ['alerting', 'alerting', 'alerting']],
  [{ execErrState: 'OK' }, error, ['alerting', 'normal', 'normal']],
  [{ execErrState: 'KeepLast' }, error, ['alerting', 'alerting', 'alerting']],
]
for (const [fields, missing, states] of handled)
  test(`${JSON.stringify(fields)} makes a firing rule ${states.at(-1)} without an answer`, () => {
    assert.deepEqual(statesOf(ruleWith({ for: '0s', ...fields }), found(90), missing, missing), states)
  })

test('KeepLast lets a pending rule fire on missing data, with a reason, so the shipped rules do not use it', () => {
  const rule = ruleWith({ for: '1m', noDataState: 'KeepLast' })
  const [, second] = play(rule, [found(90), noData])
  assert.equal(second?.alerts[0]?.annotations.grafana_state_reason, 'NoData, KeepLast')
  assert.deepEqual(second.alerts[0].values, { load: -1, hot: -1 })
})

test('Error and NoData create separate alerts', () => {
  const [failed, , back] = play(ruleWith({ execErrState: 'Error' }), [error, error, found(10)])
  assert.equal(failed?.alerts[0]?.labels.alertname, 'DatasourceError')
  assert.equal(failed.alerts[0].labels.rulename, 'Load is high')
  assert.equal(failed.alerts[0].values, null)
  assert.deepEqual(back?.alerts, [])
  const [empty] = play(ruleWith({ noDataState: 'NoData' }), [noData])
  assert.equal(empty?.alerts[0]?.labels.alertname, 'DatasourceNoData')
})

test('a missing series resolves after two evaluations, with a reason', () => {
  const [, second, third] = play(ruleWith({ for: '0s' }), [found(90, 'a'), found(10, 'b'), found(10, 'b')])
  assert.deepEqual(second?.alerts, [])
  assert.equal(third?.alerts[0]?.labels.node, 'a')
  assert.deepEqual(third.alerts[0].endsAt, at(2))
  assert.equal(third.alerts[0].annotations.grafana_state_reason, 'MissingSeries')
})

test('values are null when one of them is not a number', () => {
  const evaluation: Evaluation = {
    kind: 'instances',
    instances: [{ labels: {}, state: 'alerting', values: { load: 90, other: NaN } }],
  }
  assert.equal(play(ruleWith({ for: '0s' }), [evaluation])[0]?.alerts[0]?.values, null)
})

test('pending and firing count as loaded for a recovery threshold', () => {
  const loaded = play(ruleWith({ for: '1m' }), [found(10), found(90), found(90), found(10)]).map(({ loaded }) => loaded)
  assert.deepEqual(loaded, [0, 1, 1, 0])
})
