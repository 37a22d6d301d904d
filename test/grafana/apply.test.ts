import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import test from 'node:test'
import * as z from 'zod'
import { apply, grafana, token } from './apply-command.ts'
import { exampleVariables as environment } from './example-variables.ts'

const groupShape = z.looseObject({
  interval: z.number(),
  rules: z.array(z.looseObject({ uid: z.string(), for: z.string() })),
})

test('applies everything in the shape that the API wants, variables expanded', async (t) => {
  const { url, content } = await grafana(t)
  const { succeeded, output } = await apply(url)
  assert.ok(succeeded, output)
  assert.match(output, /15 created, 0 changed, 0 unchanged, 0 failed/)
  const hook = JSON.stringify(content.contactPoints.get('the-cluster-scale-out'))
  assert.match(hook, /"url":"https:\/\/app.example.com\/api\/scale-out"/)
  assert.match(hook, /"secret":"the-webhook-secret"/)
  const group = groupShape.parse(content.ruleGroups.get('the-cluster-scale-out'))
  assert.equal(group.interval, 60)
  assert.match(JSON.stringify(group), /"resourceName":"the-cluster"/)
  assert.match(JSON.stringify(group), /"labels":\{"action":"scale-out","cluster":"the-cluster"\}/)
  assert.match(
    JSON.stringify(group),
    /"panel_url":"\{\{ externalURL \}\}d\/citus-autoscaler-cosmosdb-postgresql\?viewPanel=1&var-postgresql=the-cluster-postgresql&var-azure_monitor=the-cluster-azure-monitor&var-subscription=the-subscription&var-resource_group=the-group&var-cluster=the-cluster"/,
  )
  assert.match(JSON.stringify(group), /"filters":\["the-cluster-c"\]/)
  assert.match(JSON.stringify(content.ruleGroups.get('the-cluster-load')), /\$known_workers >= 20/)
  assert.match(JSON.stringify(group), /"__dashboardUid__":"citus-autoscaler-cosmosdb-postgresql","__panelId__":"1"/)
  assert.match(JSON.stringify(content.ruleGroups.get('the-cluster-rebalance')), /\$__timeFrom\(\)/)
  assert.doesNotMatch(JSON.stringify([...content.ruleGroups.values()]), /dashboardUid":|\$\{/)
  assert.deepEqual([...content.dataSources.keys()].sort(), ['the-cluster-azure-monitor', 'the-cluster-postgresql'])
  assert.match(JSON.stringify(content.dashboards.get('citus-autoscaler-cosmosdb-postgresql')), /CPU per node/)
})

test('changes nothing the second time', async (t) => {
  const { url, content } = await grafana(t)
  await apply(url)
  content.writes.length = 0
  const { succeeded, output } = await apply(url)
  assert.ok(succeeded)
  assert.match(output, /0 created, 0 changed, 15 unchanged, 0 failed/)
  assert.deepEqual(content.writes, [])
})

test('restores what was changed by hand, and names it', async (t) => {
  const { url, content } = await grafana(t)
  await apply(url)
  const group = groupShape.parse(content.ruleGroups.get('the-cluster-watch'))
  const [first, ...others] = group.rules
  content.ruleGroups.set('the-cluster-watch', {
    ...group,
    rules: [{ ...first, for: '1h', labels: { mine: 'too' } }, ...others],
  })
  const { succeeded, output } = await apply(url)
  assert.ok(succeeded)
  assert.match(
    output,
    /changed +rule group the-cluster-watch: rules\[0\]\.for, rules\[0\]\.labels\.action, rules\[0\]\.labels\.cluster, rules\[0\]\.labels\.mine\n/,
  )
  assert.equal(groupShape.parse(content.ruleGroups.get('the-cluster-watch')).rules[0]?.for, '2m')
})

test('--dry-run writes nothing and reports what would be written', async (t) => {
  const { url, content } = await grafana(t)
  const { succeeded, output } = await apply(url, ['--dry-run'])
  assert.doesNotMatch(output, /^(created|changed|removed)/m)
  assert.ok(succeeded)
  assert.match(output, /15 would be created/)
  assert.deepEqual(content.writes, [])
})

test('a wrong token is reported once, with what to do', async (t) => {
  const { url, content } = await grafana(t)
  const { succeeded, output } = await apply(url, ['--token', 'wrong'])
  assert.ok(!succeeded)
  assert.match(output, /was answered 401: Invalid API key\. The token is wrong or has expired/)
  assert.equal(output.trim().split('\n').length, 1)
  assert.deepEqual(content.writes, [])
})

test('a host that cannot be reached is named', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  server.close()
  await once(server, 'close')
  const url = `http://127.0.0.1:${address.port}`
  const { succeeded, output } = await apply(url)
  assert.ok(!succeeded)
  assert.match(output, new RegExp(`${url} cannot be reached \\(.*ECONNREFUSED`))
})

test('a refused rule is named, the rest is applied, and the exit code is 1', async (t) => {
  const { url, content } = await grafana(t, (path) =>
    path.endsWith('/rule-groups/the-cluster-watch')
      ? { status: 400, body: { message: 'invalid alert rule: no' } }
      : undefined,
  )
  const { succeeded, output } = await apply(url)
  assert.ok(!succeeded)
  assert.match(
    output,
    /failed +rule group the-cluster-watch: PUT .*rule-groups\/the-cluster-watch was answered 400: invalid alert rule: no/,
  )
  assert.match(output, /14 created, 0 changed, 0 unchanged, 1 failed/)
  assert.deepEqual(
    [...content.ruleGroups.keys()],
    ['the-cluster-rebalance', 'the-cluster-scale-out', 'the-cluster-load'],
  )
  assert.equal(content.dashboards.size, 4)
})

test('a missing variable is named with what needs it, and the rest is applied', async (t) => {
  const { url } = await grafana(t)
  const others = Object.entries(environment).filter(([name]) => name !== 'AUTOSCALER_ALERT_EMAIL')
  const { succeeded, output } = await apply(url, [], Object.fromEntries(others))
  assert.ok(!succeeded)
  assert.match(output, /failed +contact point the-cluster-people: not set in the environment: AUTOSCALER_ALERT_EMAIL/)
  assert.match(output, /created +contact point the-cluster-scale-out/)
})

test('--write-secrets writes what holds secrets, which cannot be compared', async (t) => {
  const { url, content } = await grafana(t)
  await apply(url)
  const rotated = { ...environment, AUTOSCALER_WEBHOOK_SECRET: 'another-secret' }
  assert.match((await apply(url, [], rotated)).output, /15 unchanged/)
  const { output } = await apply(url, ['--write-secrets'], rotated)
  assert.match(output, /changed +contact point the-cluster-rebalance: its secrets/)
  assert.match(JSON.stringify(content.contactPoints.get('the-cluster-rebalance')), /another-secret/)
})

for (const [args, expected] of [
  [['--kind', 'oracle'], /--kind must be one of/],
  [['--url', 'grafana.example.com'], /--url must be the URL/],
  [['--check', '--remove'], /one at a time/],
] as const)
  test(`${args.join(' ')} is refused with the usage`, async () => {
    const { succeeded, output } = await apply('http://127.0.0.1:1', args)
    assert.ok(!succeeded)
    assert.match(output, expected)
    assert.match(output, /--dry-run/)
  })

for (const [what, args, code] of [
  ['fails', ['--token', 'wrong'], 1],
  ['has done its work', ['--dry-run'], 0],
] as const)
  test(`the process ends with ${code} when it ${what}`, async (t) => {
    const { url } = await grafana(t)
    const script = new URL('../../grafana/apply.ts', import.meta.url).pathname
    const env = { ...environment, PATH: process.env.PATH, GRAFANA_TOKEN: token }
    const child = execFile(process.execPath, [script, '--url', url, ...args], { env })
    await once(child, 'exit')
    assert.equal(child.exitCode, code)
  })
