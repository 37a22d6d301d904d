import assert from 'node:assert/strict'
import test from 'node:test'
import { apply, grafana } from './apply-command.ts'
import { exampleVariables } from './example-variables.ts'
import type { GrafanaContent } from './grafana-content.ts'

const oldRule = (name: string, receiver: string) => ({
  uid: `citus-autoscaler-${name}`,
  title: `Citus: ${name}`,
  condition: 'A',
  data: [{ refId: 'A', datasourceUid: 'citus-postgresql', model: {} }],
  noDataState: 'OK',
  execErrState: 'OK',
  for: '1m',
  folderUID: 'citus-autoscaler',
  labels: { action: receiver },
  notification_settings: { receiver: `citus-${receiver}` },
})

/** What the version before names carried the cluster's left behind, for the app at `app`. */
function leaveBehind(content: GrafanaContent, app: string) {
  content.folders.set('citus-autoscaler', { uid: 'citus-autoscaler', title: 'Citus autoscaler' })
  for (const name of ['scale-out', 'rebalance', 'people'])
    content.contactPoints.set(`citus-autoscaler-${name}`, {
      uid: `citus-autoscaler-${name}`,
      name: `citus-${name}`,
      type: 'webhook',
      settings: { url: `${app}/api/${name}` },
    })
  content.dataSources.set('citus-postgresql', { uid: 'citus-postgresql', name: 'Citus' })
  content.dashboards.set('citus-autoscaler-cluster', { dashboard: { uid: 'citus-autoscaler-cluster' } })
  content.ruleGroups.set('rebalance', { interval: 10, rules: [oldRule('workers-changed', 'rebalance')] })
  content.ruleGroups.set('scale-out-cosmosdb-postgresql', {
    interval: 60,
    rules: [oldRule('cosmosdb-cpu-high', 'scale-out')],
  })
}

test('what an earlier version applied is removed once the new rules watch', async (t) => {
  const { url, content } = await grafana(t)
  leaveBehind(content, exampleVariables.AUTOSCALER_URL)
  const { succeeded, output } = await apply(url)
  assert.ok(succeeded, output)
  assert.match(output, /removed +rule Citus: cosmosdb-cpu-high/)
  assert.match(output, /kept +data source citus-postgresql: an earlier version applied it/)
  assert.deepEqual([...content.ruleGroups.keys()].sort(), [
    'the-cluster-load',
    'the-cluster-rebalance',
    'the-cluster-scale-out',
    'the-cluster-watch',
  ])
  assert.ok(![...content.contactPoints.keys()].some((uid) => uid.startsWith('citus-')))
  assert.ok(!content.dashboards.has('citus-autoscaler-cluster'))
  content.writes.length = 0
  assert.doesNotMatch((await apply(url)).output, /^removed/m)
  assert.deepEqual(content.writes, [])
})

test('a contact point of it that is still in use is named', async (t) => {
  const { url, content } = await grafana(t)
  leaveBehind(content, exampleVariables.AUTOSCALER_URL)
  content.policyReceivers.push('citus-people')
  const { succeeded, output } = await apply(url)
  assert.ok(succeeded)
  assert.match(output, /kept +contact point citus-people: still in use: .*notification policy/)
  assert.ok(content.contactPoints.has('citus-autoscaler-people'))
})

test("another cluster's is left alone and named", async (t) => {
  const { url, content } = await grafana(t)
  leaveBehind(content, 'https://another-app.example.com')
  const { succeeded, output } = await apply(url)
  assert.ok(succeeded)
  assert.match(output, /kept +rule Citus: workers-changed: .* for the app at https:\/\/another-app.example.com/)
  assert.equal(content.ruleGroups.size, 6)
  assert.ok(content.dashboards.has('citus-autoscaler-cluster'))
})

test('it stays when a new rule could not be applied: somebody has to watch', async (t) => {
  const { url, content } = await grafana(t, (path) =>
    path.endsWith('/rule-groups/the-cluster-watch') ? { status: 400, body: { message: 'no' } } : undefined,
  )
  leaveBehind(content, exampleVariables.AUTOSCALER_URL)
  const { succeeded, output } = await apply(url)
  assert.ok(!succeeded)
  assert.doesNotMatch(output, /^removed/m)
  assert.ok(content.ruleGroups.has('rebalance'))
})
