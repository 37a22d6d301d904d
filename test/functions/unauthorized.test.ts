import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sign } from '../../src/webhook/signature.ts'
import { readPayload } from '../payloads/read-payload.ts'
import { completeSettings, forEachApp } from './serve.ts'

const now = new Date('2026-11-22T20:00:00Z')
const timestamp = String(now.getTime() / 1000)
const body = readPayload('grafana-test-button')
const bytes = new TextEncoder().encode(body)
const signed = (secret: string, at = timestamp) => ({
  'x-grafana-alerting-signature': sign(secret, at, bytes),
  'x-grafana-alerting-timestamp': at,
})
const early = String(now.getTime() / 1000 - 301)

type Case = [name: string, path: string, body: string, headers: Record<string, string>, reason: string, why?: RegExp]
const milliseconds = String(now.getTime())
const { 'x-grafana-alerting-timestamp': _, ...withoutTimestamp } = signed('new-secret')
const cases: Case[] = [
  ['the new secret', 'scale-out', body, signed('new-secret'), 'test-alert'],
  ['the old secret while it is rotated', 'rebalance', body, signed('old-secret'), 'test-alert'],
  ['a bearer secret', 'scale-out', body, { authorization: 'Bearer old-secret' }, 'test-alert'],
  ['no signature and no secret', 'scale-out', body, {}, 'unauthorized', /carries neither/],
  ['a wrong bearer secret', 'scale-out', body, { authorization: 'Bearer x' }, 'unauthorized', /one of WEBHOOK_SECRETS/],
  ['a wrong secret', 'scale-out', body, signed('other-secret'), 'unauthorized', /has another secret/],
  ['an altered body', 'scale-out', `${body} `, signed('new-secret'), 'unauthorized', /in between changed the body/],
  [
    'an old timestamp',
    'rebalance',
    body,
    signed('new-secret', early),
    'unauthorized',
    /301 s old.*SECONDS is 300: check the clocks/,
  ],
  ['no timestamp', 'scale-out', body, withoutTimestamp, 'unauthorized', /set timestampHeader/],
  [
    'a timestamp in milliseconds',
    'scale-out',
    body,
    signed('new-secret', milliseconds),
    'unauthorized',
    /not in Unix seconds/,
  ],
  ['a secret in the query string', 'scale-out?secret=new-secret', body, {}, 'unauthorized'],
  ['no signature and no JSON', 'scale-out', '{', {}, 'unauthorized'],
  ['no signature and another media type', 'scale-out', body, { 'content-type': 'text/plain' }, 'unauthorized'],
  ['a bearer secret and no JSON', 'scale-out', '{', { authorization: 'Bearer new-secret' }, 'bad-request'],
]
forEachApp(({ serve }) => {
  for (const [name, path, text, headers, reason, why] of cases) {
    test(`${name}: ${reason}`, async (t) => {
      const settings = { ...completeSettings, WEBHOOK_SECRETS: 'new-secret, old-secret' }
      const { post } = await serve(t, settings, () => now)
      const answer = await post(path, text, headers)
      assert.equal(answer.reason, reason)
      assert.equal(answer.status, { 'test-alert': 200, unauthorized: 401, 'bad-request': 400 }[reason])
      if (why) assert.match(answer.message, why)
    })
  }

  const unread: [name: string, headers: Record<string, string>][] = [
    ['a wrong bearer secret', { authorization: 'Bearer other-secret' }],
    ['an invalid signature', { ...signed('new-secret'), 'x-grafana-alerting-signature': 'zz' }],
    ['an old timestamp', signed('new-secret', early)],
  ]
  for (const [name, headers] of unread) {
    test(`${name}: 401 without reading the body`, async (t) => {
      const { post } = await serve(t, { ...completeSettings, WEBHOOK_SECRETS: 'new-secret' }, () => now)
      const answer = await post('scale-out', 'x'.repeat(1024 * 1024 + 1), headers)
      assert.deepEqual([answer.status, answer.reason], [401, 'unauthorized'])
    })
  }

  test('a signed chunked body, which the host passes on empty: 401 with the cause', async (t) => {
    const { url } = await serve(t, { ...completeSettings, WEBHOOK_SECRETS: 'new-secret' })
    const at = String(Math.floor(Date.now() / 1000))
    const headers = { 'content-type': 'application/json', ...signed('new-secret', at) }
    const chunked = { method: 'POST', headers, body: new Blob([body]).stream(), duplex: 'half' } as const
    const response = await fetch(`${url}/api/scale-out`, chunked)
    assert.equal(response.status, 401)
    assert.match(await response.text(), /"unauthorized".*The request has no Content-Length/)
  })
})
