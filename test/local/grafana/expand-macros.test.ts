import assert from 'node:assert/strict'
import test from 'node:test'
import { expandMacros } from '../../../src/local/grafana/expand-macros.ts'

const range = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-01T00:05:00Z') }
const from = "'2026-01-01T00:00:00.000Z'"
const to = "'2026-01-01T00:05:00.000Z'"

const cases: [rawSql: string, expanded: string][] = [
  ['SELECT 1', 'SELECT 1'],
  ['f($__timeFrom(), $__timeTo())', `f(${from}, ${to})`],
  ['WHERE $__timeFilter(w.created_at)', `WHERE w.created_at BETWEEN ${from} AND ${to}`],
  ['SELECT $__time(created_at)', 'SELECT created_at AS "time"'],
  ["$__timeGroup(at, '5m')", 'floor(extract(epoch from at)/300)*300'],
  ['$__timeGroupAlias(at, 1h)', 'floor(extract(epoch from at)/3600)*3600 AS "time"'],
  ['$__timeGroupAlias(at, $__interval)', 'floor(extract(epoch from at)/3)*3 AS "time"'],
  ['$__unixEpochFilter(at)', 'at >= 1767225600 AND at <= 1767225900'],
]
for (const [rawSql, expanded] of cases)
  test(rawSql, () => {
    assert.equal(expandMacros(rawSql, range), expanded)
  })

for (const rawSql of ['$__timeFitler(at)', '$__timeFilter()', "$__timeGroup(at, 'soon')"])
  test(`${rawSql} is refused`, () => {
    assert.throws(() => expandMacros(rawSql, range), /macro/)
  })
