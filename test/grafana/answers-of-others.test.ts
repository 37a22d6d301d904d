import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import test, { type TestContext } from 'node:test'
import { apply, grafana } from './apply-command.ts'

/** A server that is not Grafana, or a proxy: it gives the same answer to every request. */
async function answering(t: TestContext, status: number, headers: Record<string, string>, body = '') {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.writeHead(status, headers).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { url: `http://127.0.0.1:${address.port}`, seen }
}

for (const status of [301, 302, 303, 307, 308])
  for (const args of [[], ['--remove'], ['--check']])
    test(`a redirect (${status}) is not followed but reported with its target: ${args.join('') || 'apply'}`, async (t) => {
      const { url: real, content } = await grafana(t)
      const { url, seen } = await answering(t, status, { location: `${real}/grafana/?key=secret-in-a-query` })
      const { succeeded, output } = await apply(url, args)
      assert.ok(!succeeded)
      assert.ok(output.includes(`was redirected to ${real}/grafana/ (${status})`), output)
      assert.doesNotMatch(output, /created|secret-in-a-query/)
      assert.deepEqual(content.writes, [])
      assert.equal(seen.length, 1)
    })

test('a redirected write is reported as failed', async (t) => {
  const { url, content } = await grafana(t, (path) =>
    path.endsWith('/contact-points')
      ? { status: 301, body: '', location: 'https://grafana.example.com/login' }
      : undefined,
  )
  const { succeeded, output } = await apply(url)
  assert.ok(!succeeded)
  assert.match(
    output,
    /failed +contact point the-cluster-people: POST .*redirected to https:\/\/grafana.example.com\/login \(301\)/,
  )
  assert.equal(content.contactPoints.size, 1)
})

for (const [what, status, type, body] of [
  ['a 404 with a web page', 404, 'text/html', '<html>nothing here</html>'],
  ['a 404 with JSON', 404, 'application/json', '{"message":"Not found"}'],
] as const)
  for (const args of [[], ['--remove'], ['--check']])
    test(`${what} is reported in a sentence that asks for the whole address: ${args.join('') || 'apply'}`, async (t) => {
      const { url } = await answering(t, status, { 'content-type': type }, body)
      const { succeeded, output } = await apply(url, args)
      assert.ok(!succeeded)
      assert.match(output, /was answered 404: .*Is --url the whole address, .* and is it Grafana 12 or newer\?/)
      assert.doesNotMatch(output, /<html>|"code"|invalid_type|✖/)
    })

test("a page that is not JSON, and JSON that is not Grafana's, are reported in a sentence", async (t) => {
  const page = await answering(t, 200, { 'content-type': 'text/html' }, '<html>welcome</html>')
  assert.match((await apply(page.url)).output, /not JSON: is http:.* a Grafana\?/)
  const other = await answering(t, 200, { 'content-type': 'application/json' }, '{"hello":"world"}')
  const { succeeded, output } = await apply(other.url)
  assert.ok(!succeeded)
  assert.match(output, /GET \/api\/folders.* was answered with something that Grafana 12 or newer does not say/)
  assert.doesNotMatch(output, /"code"|invalid_type/)
})

test('a missing list of contact points is reported in a sentence, and the rest is applied', async (t) => {
  const { url, content } = await grafana(t)
  content.missing.add('/api/v1/provisioning/contact-points')
  const { succeeded, output } = await apply(url)
  assert.ok(!succeeded)
  assert.match(
    output,
    /failed +contact point the-cluster-people: GET .*contact-points was answered 404.*Grafana 12 or newer\?/,
  )
  assert.equal(content.dashboards.size, 4)
})
