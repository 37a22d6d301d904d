import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readSettings, settingNames } from '../src/settings.ts'
import { scripts } from './package-scripts.ts'

const root = new URL('../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const readme = read('README.md')
const pages = globSync(['README.md', '*/**/*.md', '*/*.md'], {
  cwd: root,
  exclude: (path) => /node_modules|^dist/.test(path),
})

/** The cells, trimmed, of the table rows under a heading. */
function rowsUnder(heading: string): string[][] {
  const section = readme.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((row) => row.split('|').map((cell) => cell.trim()))
}

const namesIn = (cell = '') => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name)

test('the README has at most 150 lines', () => assert.ok(readme.split('\n').length <= 150))

test('the README lists exactly the settings that exist', () =>
  assert.deepEqual(
    rowsUnder('Configure')
      .flatMap(([, names]) => namesIn(names))
      .sort(),
    [...settingNames].sort(),
  ))

test("the README's defaults are those of the schema", () => {
  const required = {
    CLUSTER_NAME: 'x',
    PG_CONNECTION_URL: 'postgres://u@h/d',
    AZURE_SUBSCRIPTION_ID: 'x',
    AZURE_RESOURCE_GROUP: 'x',
  }
  const result = readSettings(required)
  assert.ok(result.ok)
  const defaults: Record<string, unknown> = { ...result.settings, ...result.settings.cluster }
  for (const [, names, defaultCell] of rowsUnder('Configure')) {
    const [value] = namesIn(defaultCell)
    if (value === undefined || defaultCell !== `\`${value}\``) continue
    for (const name of namesIn(names)) if (name in defaults) assert.equal(String(defaults[name]), value, name)
  }
})

for (const page of pages) {
  const text = read(page)
  const here = new URL(page, root)

  test(`${page}: every link within the repository has a target`, () => {
    for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue
      const { pathname, hash } = new URL(link, here)
      assert.ok(existsSync(pathname), link)
      if (!hash) continue
      const headings = [...readFileSync(pathname, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        anchorOf(heading),
      )
      assert.ok(headings.includes(decodeURIComponent(hash.slice(1))), link)
    }
  })

  test(`${page}: every file and npm command that it names exists`, () => {
    for (const [, path = ''] of text.matchAll(/`((?:src|sql|grafana|infra|test)\/[\w./-]+\.\w+)`/g))
      assert.ok(existsSync(new URL(path, root)), path)
    for (const [, script = ''] of text.matchAll(/npm run ([\w:-]+)/g)) assert.ok(script in scripts, `npm run ${script}`)
  })
}

/** The anchor that GitHub makes from a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}
