import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

test('the workflow pins third-party actions to a commit, and its token is read-only', async () => {
  const workflow = await readFile('.github/workflows/ci.yml', 'utf8')
  const actions = [...workflow.matchAll(/uses: (?<action>\S+)/g)].map(({ groups }) => groups?.action ?? '')
  assert.notEqual(actions.length, 0)
  for (const action of actions) assert.match(action, /@[0-9a-f]{40}$/)
  assert.match(workflow, /^permissions:\n {2}contents: read\n\n/m)
  assert.equal(workflow.match(/permissions:/g)?.length, 1, 'a job asks for more permissions')
})

test('each script of the workflow is valid bash, and the real Citus gets pg_cron before the tests', async () => {
  const workflow = await readFile('.github/workflows/ci.yml', 'utf8')
  const scripts = [...workflow.matchAll(/^( +)run: \|\n((?:\1 +.*\n|\n)+)/gm)].map(([, , script = '']) =>
    script.replaceAll(/^ {10}/gm, '').replaceAll(/\$\{\{.*?\}\}/g, 'x'),
  )
  assert.ok(scripts.length >= 3)
  for (const script of scripts) await run('bash', ['-n', '-c', script])
  const citus = workflow.slice(workflow.indexOf('\n  citus:'))
  const steps = [
    'postgresql-$PG_MAJOR-cron',
    'shared_preload_libraries=citus,pg_cron',
    'CREATE EXTENSION pg_cron',
    'npm test',
  ]
  const places = steps.map((step) => citus.indexOf(step))
  assert.deepEqual(
    places.toSorted((a, b) => a - b),
    places,
  )
  assert.ok(!places.includes(-1))
})
