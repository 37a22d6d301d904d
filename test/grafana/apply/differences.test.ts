import assert from 'node:assert/strict'
import test from 'node:test'
import { differences } from '../../../grafana/apply/differences.ts'
import type { Json } from '../../../grafana/apply/json.ts'

const cases: [what: string, current: Json, desired: Json, paths: string[]][] = [
  ['the same', { a: [1, { b: 'x' }] }, { a: [1, { b: 'x' }] }, []],
  ['another value', { a: [1, { b: 'x' }] }, { a: [1, { b: 'y' }] }, ['a[1].b']],
  ['what Grafana adds', { a: 1, id: 7, version: 3 }, { a: 1 }, []],
  ['a field that must be absent and is not', { route: { to: 'x' } }, { route: null }, ['route']],
  ['a field that must be absent and is', {}, { route: null }, []],
  ['a field that is missing', {}, { a: { b: 1 } }, ['a']],
  ['a list of another length', { a: [1] }, { a: [1, 2] }, ['a']],
  ['a label that somebody added', { labels: { action: 'x', mine: 'y' } }, { labels: { action: 'x' } }, ['labels.mine']],
  ['a label further down', { r: [{ labels: { m: 'y' } }] }, { r: [{ labels: {} }] }, ['r[0].labels.m']],
  ['a secret that cannot be read back', { secret: '[REDACTED]' }, { secret: 's' }, []],
  ['a text that is now an object', { a: 'x' }, { a: { b: 1 } }, ['a']],
]
for (const [what, current, desired, paths] of cases)
  test(what, () => {
    assert.deepEqual(differences(current, desired), paths)
  })
