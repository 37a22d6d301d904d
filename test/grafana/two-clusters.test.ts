import assert from 'node:assert/strict'
import test from 'node:test'
import { apply, grafana } from './apply-command.ts'
import { exampleVariables } from './example-variables.ts'
import { groupSchema, type GrafanaContent } from './grafana-content.ts'

const shop = {
  ...exampleVariables,
  CLUSTER_NAME: 'shop',
  CITUS_HOST: 'shop.example.com',
  AUTOSCALER_URL: 'https://shop-app.example.com',
}
const stock = {
  ...shop,
  CLUSTER_NAME: 'shop-stock',
  CITUS_HOST: 'stock.example.com',
  AUTOSCALER_URL: 'https://stock-app.example.com',
}

/** Everything in Grafana except what all clusters share. */
function held({ ruleGroups, contactPoints, dataSources, muteTimings }: GrafanaContent): Map<string, unknown> {
  const kinds = { ruleGroups, contactPoints, dataSources, muteTimings }
  return new Map(
    Object.entries(kinds).flatMap(([kind, things]) =>
      [...things].map(([key, thing]) => [`${kind} ${key}`, structuredClone(thing)]),
    ),
  )
}

test('two clusters in one Grafana: neither changes or removes what belongs to the other', async (t) => {
  const { url, content } = await grafana(t)
  await apply(url, [], shop)
  const first = held(content)
  const { succeeded, output } = await apply(url, ['--kind', 'citus'], stock)
  assert.ok(succeeded, output)
  assert.match(output, /0 changed/)
  for (const [key, thing] of first) assert.deepEqual(held(content).get(key), thing, key)
  assert.match((await apply(url, [], shop)).output, /0 created, 0 changed, 15 unchanged, 0 failed/)

  const second = [...held(content)].filter(([key]) => !first.has(key))
  assert.ok(second.length > 8)
  for (const [key] of second) assert.match(key, / shop-stock-/)
  const shops = [...first].filter(([key]) => !key.endsWith(' email'))
  assert.doesNotMatch(JSON.stringify(shops), /stock/)
  const removed = await apply(url, ['--remove'], shop)
  assert.ok(removed.succeeded, removed.output)
  assert.deepEqual(held(content), new Map([...[...first].filter(([key]) => key.endsWith(' email')), ...second]))
})

test('--remove removes what was applied for a cluster, and nothing that people made', async (t) => {
  const { url, content } = await grafana(t)
  await apply(url, [], shop)
  const mine = {
    uid: 'aeb1cde2f3g4h5',
    title: 'disk full',
    condition: 'A',
    data: [{ refId: 'A', datasourceUid: '__expr__', model: {} }],
    noDataState: 'OK',
    execErrState: 'OK',
    for: '1m',
    folderUID: 'citus-autoscaler',
    labels: { cluster: 'shop', action: 'scale-out' },
  }
  content.ruleGroups.set('mine', { interval: 60, rules: [mine] })
  const dry = await apply(url, ['--remove', '--dry-run'], shop)
  assert.match(dry.output, /^would be removed +rule shop: CPU of the workers is high$/m)
  assert.doesNotMatch(dry.output, /^removed/m)
  assert.equal(content.ruleGroups.size, 5)
  const { succeeded, output } = await apply(url, ['--remove'], shop)
  assert.ok(succeeded, output)
  assert.deepEqual([...content.ruleGroups.keys()], ['mine'])
  assert.deepEqual([...content.contactPoints.keys()], ['email'])
  assert.equal(content.dataSources.size + content.muteTimings.size, 0)
  assert.equal(content.dashboards.size, 4)
  assert.match((await apply(url, ['--remove'], shop)).output, /0 removed/)
})

test('--remove keeps and names a contact point that a rule made by people uses', async (t) => {
  const { url, content } = await grafana(t)
  await apply(url, [], shop)
  content.policyReceivers.push('shop-people')
  const { succeeded, output } = await apply(url, ['--remove'], shop)
  assert.ok(succeeded)
  assert.match(output, /kept +contact point shop-people: still in use: .*notification policy/)
  assert.deepEqual([...content.contactPoints.keys()], ['email', 'shop-people'])
})

test('when a cluster changes its kind, the rules that the new kind does not have are removed', async (t) => {
  const { url, content } = await grafana(t)
  await apply(url, [], shop)
  const { rules, interval } = groupSchema.parse(content.ruleGroups.get('shop-watch'))
  content.ruleGroups.set('shop-former', { interval, rules: [{ ...rules[0], uid: 'shop-gone', title: 'shop: gone' }] })
  const { output } = await apply(url, ['--kind', 'elastic-cluster'], shop)
  assert.match(output, /removed +rule shop: gone/)
  assert.deepEqual([...content.ruleGroups.keys()].sort(), [
    'shop-load',
    'shop-rebalance',
    'shop-scale-out',
    'shop-watch',
  ])
})

test('kind citus needs no CLUSTER_NAME: its names begin with citus, and its rules have no label cluster', async (t) => {
  const { url, content } = await grafana(t)
  const others = Object.entries(exampleVariables).filter(([name]) => name !== 'CLUSTER_NAME')
  const { succeeded, output } = await apply(url, ['--kind', 'citus'], Object.fromEntries(others))
  assert.ok(succeeded, output)
  assert.match(output, /CLUSTER_NAME is not set: the names begin with "citus"/)
  assert.match(JSON.stringify(content.ruleGroups.get('citus-scale-out')), /"labels":\{"action":"scale-out"\}/)
})

test('the Azure kinds need CLUSTER_NAME, and nothing is applied without it', async (t) => {
  const { url, content } = await grafana(t)
  const others = Object.entries(exampleVariables).filter(([name]) => name !== 'CLUSTER_NAME')
  const { succeeded, output } = await apply(url, [], Object.fromEntries(others))
  assert.ok(!succeeded)
  assert.match(output, /not set in the environment: CLUSTER_NAME;/)
  assert.deepEqual(content.writes, [])
})
