import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { reasons } from '../src/scaling/reasons.ts'
import { settingNames } from '../src/settings.ts'
import { guardOrder } from './scaling/guard-order.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The names in code style in the first column of the table under a heading. */
function firstColumn(heading: string): string[] {
  const section = readme.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  return rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name))
}

test('the README explains every reason, and none that there is not', () => {
  assert.deepEqual(firstColumn('Why did it not scale?').sort(), Object.keys(reasons).sort())
})

test('the README names every setting, and none that there is not', () => {
  assert.deepEqual(firstColumn('Configure').sort(), [...settingNames].sort())
})

test('the order of the guards is written down as they are asked', () => {
  const order = /asked in this order[^:]*:([\s\S]*?)\. When/.exec(readme)?.[1] ?? ''
  assert.deepEqual(
    [...order.matchAll(/`([\w-]+)`/g)].map(([, reason]) => reason),
    guardOrder,
  )
})

test('every file of this repository that the README names is there', () => {
  const named = [...readme.matchAll(/`((?:src|sql|grafana|infra|test)\/[\w./-]+\.\w+)`/g)].map(([, path = '']) => path)
  assert.ok(named.length > 0)
  for (const path of named) assert.doesNotThrow(() => readFileSync(new URL(`../${path}`, import.meta.url)), path)
})
