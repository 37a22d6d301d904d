import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import test, { type TestContext } from 'node:test'
import { apply, grafana } from './apply-command.ts'
import { exampleVariables } from './example-variables.ts'

const well = {
  outcome: 'reported',
  reason: 'status',
  message: 'A scale-out now would be answered: balanced.',
  cluster: { name: 'the-cluster', kind: 'cosmosdb-postgresql' },
  warnings: [],
}

/** Stands in for the function app: it answers `status` to requests with the key, as Azure Functions does. */
async function functionApp(t: TestContext, body: object = well, status = 200) {
  const server = createServer((request, response) => {
    if (request.headers['x-functions-key'] !== exampleVariables.AUTOSCALER_FUNCTION_KEY)
      return response.writeHead(401).end()
    if (request.url !== '/api/status') return response.writeHead(404).end()
    return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { ...exampleVariables, AUTOSCALER_URL: `http://127.0.0.1:${address.port}` }
}

/** A Grafana to which everything was applied, and the app that it posts to. */
async function applied(t: TestContext, app?: Promise<typeof exampleVariables>) {
  const { url, content } = await grafana(t)
  const variables = await (app ?? functionApp(t))
  await apply(url, [], variables)
  content.writes.length = 0
  const check = (changed: Record<string, string> = {}) => apply(url, ['--check'], { ...variables, ...changed })
  return { content, check }
}

test('without problems, check succeeds and writes nothing', async (t) => {
  const { content, check } = await applied(t)
  content.notified.set('the-cluster-scale-out', { lastNotifyAttempt: '2026-03-02T09:14:00Z' })
  content.evaluated.set('the-cluster: CPU of the workers is high', { health: 'nodata' })
  const { succeeded, output } = await check()
  assert.ok(succeeded, output)
  assert.match(output, /^well +data source the-cluster: PostgreSQL$/m)
  assert.match(
    output,
    /^well +contact point the-cluster-scale-out: its last notification, at 2026-03-02T09:14:00Z, arrived$/m,
  )
  assert.match(
    output,
    /^well +contact point the-cluster-people: it has notified nobody yet: press Test there to see that it arrives$/m,
  )
  assert.match(output, /^well +rule the-cluster: CPU of the workers is high: its last evaluation found no data$/m)
  assert.match(output, /^well +function status: A scale-out now would be answered: balanced\.$/m)
  assert.match(output, /^all is well$/m)
  assert.deepEqual(content.writes, [])
})

test('a Grafana to which nothing was applied lacks everything', async (t) => {
  const { url, content } = await grafana(t)
  const { succeeded, output } = await apply(url, ['--check'], await functionApp(t))
  assert.ok(!succeeded)
  for (const what of [
    'data source the-cluster: PostgreSQL',
    'contact point the-cluster-people',
    'rule the-cluster: CPU of the workers is high',
  ])
    assert.match(output, new RegExp(`^not well +${what}: it is not there: apply first`, 'm'))
  assert.deepEqual(content.writes, [])
})

type Grafana = Awaited<ReturnType<typeof applied>>
const faults: [what: string, breaks: (grafana: Grafana['content']) => void, expected: RegExp][] = [
  [
    'a data source that cannot be asked',
    ({ unwell }) => unwell.set('the-cluster-postgresql', 'password authentication failed for user "reader"'),
    /data source the-cluster: PostgreSQL: password authentication failed for user "reader"/,
  ],
  [
    'a notification that was refused',
    ({ notified }) =>
      notified.set('the-cluster-scale-out', {
        lastNotifyAttempt: '2026-03-02T09:14:00Z',
        lastNotifyAttemptError: 'webhook response status 401 Unauthorized',
      }),
    /contact point the-cluster-scale-out: its last notification, at 2026-03-02T09:14:00Z, failed: webhook response status 401/,
  ],
  [
    'a contact point that posts elsewhere',
    ({ contactPoints }) => {
      const point = contactPoints.get('the-cluster-scale-out')
      contactPoints.set('the-cluster-scale-out', { ...point, settings: { url: 'https://elsewhere.example.com' } })
    },
    /contact point the-cluster-scale-out: it is not as the files say \(settings\.url, .*\): apply again/,
  ],
  [
    'a rule whose query fails',
    ({ evaluated }) =>
      evaluated.set('the-cluster: worker_count has stopped', { health: 'error', lastError: 'permission denied' }),
    /rule the-cluster: worker_count has stopped: its last evaluation failed: permission denied/,
  ],
]
for (const [what, breaks, expected] of faults)
  test(`${what} is reported`, async (t) => {
    const { content, check } = await applied(t)
    breaks(content)
    const { succeeded, output } = await check()
    assert.ok(!succeeded)
    assert.match(output, expected)
    assert.match(output, /1 of \d+ are not well/)
  })

for (const [what, app, changed, expected] of [
  [
    'a wrong key',
    undefined,
    { AUTOSCALER_FUNCTION_KEY: 'wrong' },
    /it answered 401: AUTOSCALER_FUNCTION_KEY is missing or wrong/,
  ],
  ['an app that is down', undefined, { AUTOSCALER_URL: 'http://127.0.0.1:1' }, /127\.0\.0\.1:1 cannot be reached/],
  [
    'an address with /api',
    undefined,
    { AUTOSCALER_URL: '/api' },
    /it answered 404: is AUTOSCALER_URL the function app, without \/api\?/,
  ],
  [
    'settings that are wrong',
    [{ outcome: 'failed', reason: 'misconfigured', message: 'CLUSTER_NAME is missing' }, 500],
    {},
    /it answered 500 misconfigured: CLUSTER_NAME is missing/,
  ],
  [
    'a database that refuses',
    [{ ...well, message: 'A scale-out now would be answered citus-refused: no schema', next: { outcome: 'failed' } }],
    {},
    /not well +function status: A scale-out now would be answered citus-refused: no schema/,
  ],
  [
    'a warning',
    [{ ...well, warnings: ['worker_count has stopped'] }, 200],
    {},
    /not well +function status: worker_count has stopped/,
  ],
  [
    'another cluster',
    [{ ...well, cluster: { name: 'other' } }, 200],
    {},
    /the app's CLUSTER_NAME is other, here it is the-cluster/,
  ],
  [
    'another kind of cluster',
    [{ ...well, cluster: { name: 'the-cluster', kind: 'elastic-cluster' } }, 200],
    {},
    /the app's CLUSTER_KIND is elastic-cluster, here it is cosmosdb-postgresql: apply with --kind elastic-cluster/,
  ],
] as const)
  test(`the functions: ${what} is reported`, async (t) => {
    const variables = await functionApp(t, app?.[0], app?.[1])
    const { check } = await applied(t, Promise.resolve(variables))
    const url =
      'AUTOSCALER_URL' in changed && changed.AUTOSCALER_URL === '/api' ? `${variables.AUTOSCALER_URL}/api` : undefined
    const { succeeded, output } = await check({ ...changed, ...(url && { AUTOSCALER_URL: url }) })
    assert.ok(!succeeded)
    assert.match(output, expected)
  })

test('a failed request to Grafana is a problem, and the rest is checked', async (t) => {
  const { content, check } = await applied(t)
  content.missing.add('/api/v1/provisioning/contact-points')
  const { succeeded, output } = await check()
  assert.ok(!succeeded)
  assert.match(output, /^not well +contact points: GET \/api\/v1\/provisioning\/contact-points was answered 404/m)
  assert.match(output, /^well +rule the-cluster: CPU of the workers is high$/m)
  assert.match(output, /^well +function status/m)
  assert.match(output, /^1 of \d+ are not well$/m)
})

test('no problem is reported when Grafana does not report its last notifications', async (t) => {
  const { content, check } = await applied(t)
  content.missing.add('/api/alertmanager/grafana/config/api/v1/receivers')
  const { succeeded, output } = await check()
  assert.ok(succeeded, output)
  assert.match(output, /contact point the-cluster-people: this Grafana does not tell how its last notification went/)
})
