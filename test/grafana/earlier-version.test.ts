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

/** Adds what the earlier version, whose names had no cluster name, applied for the app at `app`. */
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

test('what an earlier version applied is removed after the new rules are applied', async (t) => {
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

test('a contact point of the earlier version that is still in use is kept and named', async (t) => {
  const { url, content } = await grafana(t)
  leaveBehind(content, exampleVariables.AUTOSCALER_URL)
  content.policyReceivers.push('citus-people')
  const { succeeded, output } = await apply(url)
  assert.ok(succeeded)
  assert.match(output, /kept +contact point citus-people: still in use: .*notification policy/)
  assert.ok(content.contactPoints.has('citus-autoscaler-people'))
})

test("the earlier version's rules of another cluster are kept and named", async (t) => {
  const { url, content } = await grafana(t)
  leaveBehind(content, 'https://another-app.example.com')
  const { succeeded, output } = await apply(url)
  assert.ok(succeeded)
  assert.match(output, /kept +rule Citus: workers-changed: .* for the app at https:\/\/another-app.example.com/)
  assert.equal(content.ruleGroups.size, 6)
  assert.ok(content.dashboards.has('citus-autoscaler-cluster'))
})

test('the earlier version stays when a new rule could not be applied', async (t) => {
  const { url, content } = await grafana(t, (path) =>
    path.endsWith('/rule-groups/the-cluster-watch') ? { status: 400, body: { message: 'no' } } : undefined,
  )
  leaveBehind(content, exampleVariables.AUTOSCALER_URL)
  const { succeeded, output } = await apply(url)
  assert.ok(!succeeded)
  assert.doesNotMatch(output, /^removed/m)
  assert.ok(content.ruleGroups.has('rebalance'))
})

// Names that the earlier version used for its only cluster.
for (const [what, variables, args] of [
  ['no CLUSTER_NAME', { ...exampleVariables, CLUSTER_NAME: '' }, ['--kind', 'citus']],
  ['a cluster named citus', { ...exampleVariables, CLUSTER_NAME: 'citus' }, []],
  ['a cluster named citus-autoscaler', { ...exampleVariables, CLUSTER_NAME: 'citus-autoscaler' }, []],
] as const)
  test(`${what}: what is applied for it is never treated as the earlier version's`, async (t) => {
    const { url, content } = await grafana(t)
    // The earlier version's rules have the uids of a cluster named citus-autoscaler, and Grafana refuses duplicates.
    if (variables.CLUSTER_NAME !== 'citus-autoscaler') leaveBehind(content, exampleVariables.AUTOSCALER_URL)
    content.muteTimings.set('citus-business-hours', { name: 'citus-business-hours', time_intervals: [] })
    const first = await apply(url, args, variables)
    assert.ok(first.succeeded, first.output)
    assert.deepEqual([content.ruleGroups.size, content.contactPoints.size], [4, 4])
    const held = () => structuredClone([content.ruleGroups, content.contactPoints, content.muteTimings])
    const before = held()
    const again = await apply(url, args, variables)
    assert.match(again.output, /^0 created, 0 changed, \d+ unchanged, 0 failed$/m)
    const shop = { ...exampleVariables, CLUSTER_NAME: 'shop' }
    const other = await apply(url, [], shop)
    assert.doesNotMatch(again.output + other.output, /^(removed|kept) /m)
    assert.ok((await apply(url, ['--remove'], shop)).succeeded)
    assert.deepEqual(held(), before)
  })
