import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createEventLog } from '../../../src/local/page/event-log.ts'
import { servePage } from '../../../src/local/page/serve-page.ts'
import { startHttpFront } from '../../../src/local/http-front.ts'

const remark = (message: string) => ({ kind: 'trouble', message }) as const

async function start(t: TestContext) {
  const log = createEventLog(() => 1000)
  const beside = servePage({
    log,
    setup: { startedAt: 7, cluster: 'demo', speed: 60, thresholds: [], provisionMinutes: 10 },
    things: () => [{ name: 'pause', title: 'Pause', explanation: 'for a test', on: true }],
    attempt: (thing) => Promise.resolve(thing === 'pause' ? 'Paused.' : undefined),
  })
  const host = await startHttpFront([], { port: 0, onFailure: (line) => t.diagnostic(line), beside })
  t.after(() => host.close())
  return { log, url: host.url }
}

/** The data of the events until one contains that text. */
async function eventsUntil(url: string, last: string, headers: Record<string, string> = {}): Promise<string[]> {
  const stopping = new AbortController()
  const response = await fetch(`${url}/events`, { headers, signal: stopping.signal })
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    if (text.includes(last)) break
  }
  return text.split('\n').filter((line) => line.startsWith('data: '))
}

test('a new page gets all events, a reconnected page the new ones, and a page of an earlier loop all of them again', async (t) => {
  const { log, url } = await start(t)
  log.add(remark('first'))
  log.add(remark('second'))
  const [setup, ...all] = await eventsUntil(url, 'second')
  assert.match(setup ?? '', /"provisionMinutes":10.*"name":"pause"/)
  assert.deepEqual(all, [
    'data: {"id":1,"at":1000,"event":{"kind":"trouble","message":"first"}}',
    'data: {"id":2,"at":1000,"event":{"kind":"trouble","message":"second"}}',
  ])
  assert.equal((await eventsUntil(url, 'second', { 'last-event-id': '7-1' })).length, 2)
  assert.equal((await eventsUntil(url, 'second', { 'last-event-id': '6-1' })).length, 3)
})

test('a listener gets new events, and is removed when its connection closes', async (t) => {
  const { log, url } = await start(t)
  const heard = eventsUntil(url, 'later')
  while (!log.hasListeners()) await new Promise(setImmediate)
  log.add(remark('later'))
  assert.equal((await heard).length, 2)
  while (log.hasListeners()) await new Promise(setImmediate)
})

test('a long log keeps its newest events', () => {
  const log = createEventLog(() => 0)
  for (let index = 0; index < 40_000; index++) log.add(remark(String(index)))
  const kept: number[] = []
  log.listen(0, ({ id }) => kept.push(id))
  assert.equal(kept.at(-1), 40_000)
  assert.ok(kept.length >= 12_000 && kept.length <= 13_200)
})

test('a thing to try needs a POST, and an unknown one is answered 404', async (t) => {
  const { url } = await start(t)
  const post = async (thing: string) => {
    const response = await fetch(`${url}/try/${thing}`, { method: 'POST' })
    return [response.status, await response.json()]
  }
  assert.deepEqual(await post('pause'), [200, { thing: 'pause', on: true, message: 'Paused.' }])
  assert.deepEqual(await post('nothing'), [404, { message: 'There is no nothing; there are pause.' }])
  assert.equal((await fetch(`${url}/try/pause`)).status, 404)
  const list: unknown = await (await fetch(`${url}/try`)).json()
  assert.deepEqual(list, [{ name: 'pause', title: 'Pause', explanation: 'for a test', on: true }])
})

for (const [path, type] of [
  ['/', 'text/html'],
  ['/page/style.css', 'text/css'],
  ['/page/main.js', 'text/javascript'],
] as const)
  // prettier-ignore
  test(`${path} is served, and loads nothing from other hosts`, async (t) => {
    const { url } = await start(t)
    const response = await fetch(`${url}${path}`)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), `${type}; charset=utf-8`)
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'self'/)
    const named = (await response.text()).match(/https?:\/\/[^\s'"]+/g) ?? []
    assert.deepEqual(named.filter((address) => address !== 'http://www.w3.org/2000/svg'), []) // prettier-ignore
  })
