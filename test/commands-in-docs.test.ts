import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readOptions } from '../grafana/apply/options.ts'
import { readArguments } from '../src/simulation/read-arguments.ts'
import { notedCalls } from './infra/noted-calls.ts'

const root = new URL('../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const pages = globSync('**/*.md', { cwd: root, exclude: (path) => /^(node_modules|dist)\b/.test(path) })

const blocksOf = (page: string) => [...read(page).matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].map(([, block = '']) => block)

/** Each command of a block: continued lines joined, comments removed. */
const commandsIn = (block: string) =>
  block
    .replaceAll(/\\\n */g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#\s.*$/, '').trim())
    .filter((line) => line !== '')

/**
 * The test or script that runs each command of the documentation. az, azd and func need an Azure account, so stand-ins that record the call
 * replace them: quoting, variables, files and role names are checked, the flags of az are not.
 */
const runsIn: readonly { page: RegExp; command: RegExp; in: string }[] = [
  { page: /^README/, command: /^npm ci && npm start$/, in: 'test/local/start.test.ts' },
  { page: /^README/, command: /^curl .*localhost:7071/, in: 'test/local/start.test.ts' },
  { page: /^README/, command: /^npm ci && npm test$/, in: '.ci/run' },
  { page: /^README/, command: /^(az|azd|psql|npm run grafana) /, in: 'test/commands-in-docs.test.ts' },
  { page: /^infra/, command: /./, in: 'test/infra/readme.test.ts' },
  { page: /^sql/, command: /^psql /, in: 'test/sql/readme.test.ts' },
  { page: /^grafana/, command: /^(npm run grafana|export|curl) /, in: 'test/commands-in-docs.test.ts' },
  { page: /^src\/simulation/, command: /npm run simulate/, in: 'test/simulation/readme.test.ts' },
  { page: /^src\/simulation/, command: /^TEST_IN_FULL=1 npm test -- test\/simulation\/readme/, in: '.ci/run' },
  {
    page: /^src\/README/,
    command: /^node src\/local\/page\/take-picture.ts$/,
    in: 'test/local/page/take-picture.browser.ts',
  },
]

test('every command of the documentation runs in a test or in CI', () => {
  for (const place of runsIn) assert.ok(existsSync(new URL(place.in, root)), place.in)
  let count = 0
  for (const page of pages)
    for (const command of blocksOf(page).flatMap(commandsIn)) {
      count += 1
      assert.ok(
        runsIn.some((place) => place.page.test(page) && place.command.test(command)),
        `${page}: ${command}: add the test that runs it to the list above`,
      )
    }
  assert.ok(count > 50)
})

const argumentsOf = (command: string) =>
  command
    .replace(/^.*?npm run \w+( --)?/, '')
    .split(/\s+/)
    .filter(Boolean)

for (const page of pages) {
  const commands = read(page)
    .split(/\n|`/)
    .map((line) => line.replace(/\s#\s.*$/, '').trim())

  test(`${page}: its npm run grafana commands have valid options`, () => {
    for (const command of commands.filter(
      (line) => /^npm run grafana -- --(url|render)/.test(line) && !line.includes('…'),
    ))
      readOptions(argumentsOf(command.replace('"$GRAFANA_URL"', 'https://grafana.example.com')), { GRAFANA_TOKEN: 'x' })
  })

  test(`${page}: its npm run simulate commands have valid options`, () => {
    for (const command of commands.filter((line) => /npm run simulate\b( -- -|$)/.test(line)))
      readArguments(argumentsOf(command))
  })
}

test("the README's deploy commands run unchanged, and their files and variables exist", async () => {
  const [deploy = ''] = blocksOf('README.md').filter((block) => block.includes('azd up'))
  const calls = await notedCalls(deploy, { PG_CONNECTION_URL: 'postgres://the-url' })
  const variables = read('infra/main.parameters.json')
  for (const [, name = ''] of deploy.matchAll(/azd env set (\w+)/g))
    assert.ok(variables.includes(`"\${${name}}"`), name)
  const files = [...deploy.matchAll(/-f (\S+)/g)].map(([, file = '']) => file)
  assert.deepEqual(files, ['sql/01-autoscaler.sql', 'sql/02-roles.sql'])
  assert.ok(
    calls.includes(
      `psql [postgres://the-url] [-v] [ON_ERROR_STOP=1] ${files.map((file) => `[-f] [${file}]`).join(' ')}`,
    ),
  )
  for (const file of files) assert.ok(existsSync(new URL(file, root)), file)
})

test("the runbook's commands run unchanged", async () => {
  const block = blocksOf('grafana/RUNBOOK.md').join('\n')
  const calls = await notedCalls(block, {
    AUTOSCALER_FUNCTION_KEY: 'a key',
    AUTOSCALER_URL: 'https://app.example.com',
    GRAFANA_URL: 'https://grafana.example.com',
  })
  assert.ok(calls.includes('curl [--header] [@/dev/fd/63] [https://app.example.com/api/status]'), calls.join('\n'))
  assert.ok(calls.includes('npm [run] [grafana] [--] [--url] [https://grafana.example.com] [--check]'))
})
