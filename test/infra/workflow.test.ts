import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

test('the workflow runs foreign code of a named commit only, and with a token that can but read', async () => {
  const workflow = await readFile('.github/workflows/ci.yml', 'utf8')
  const actions = [...workflow.matchAll(/uses: (?<action>\S+)/g)].map(({ groups }) => groups?.action ?? '')
  assert.notEqual(actions.length, 0)
  for (const action of actions) assert.match(action, /@[0-9a-f]{40}$/)
  assert.match(workflow, /^permissions:\n {2}contents: read\n\n/m)
  assert.equal(workflow.match(/permissions:/g)?.length, 1, 'no job asks for more')
})
