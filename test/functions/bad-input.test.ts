import assert from 'node:assert/strict'
import { ReadableStream } from 'node:stream/web'
import { test } from 'node:test'
import * as z from 'zod'
import { readPayload } from '../payloads/read-payload.ts'
import { completeSettings, forEachApp } from './serve.ts'

const lineSchema = z.object({
  function: z.string(),
  reason: z.string(),
  status: z.number(),
  milliseconds: z.number(),
  correlationId: z.string(),
})

const json = { 'content-type': 'application/json' }

type Case = [
  name: string,
  body: string,
  headers: Record<string, string>,
  status: number,
  reason: string,
  message: RegExp,
]
const cases: Case[] = [
  ['an empty body', '', json, 400, 'bad-request', /the body is empty/],
  ['a body that is not JSON', '{', json, 400, 'bad-request', /not JSON/],
  [
    'JSON of another shape',
    '{"alerts":[{}]}',
    json,
    400,
    'bad-request',
    /alerts\[0\]\.status.*alerts\[0\]\.fingerprint/,
  ],
  ['another media type', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type', /application\/json/],
  [
    'a media type that only starts like JSON',
    '{}',
    { 'content-type': 'application/jsonp' },
    415,
    'unsupported-media-type',
    /json/,
  ],
  [
    'a JSON body without alerts and a media type with a charset',
    '{}',
    { 'content-type': 'application/json; charset=utf-8' },
    400,
    'bad-request',
    /alerts/,
  ],
  ['a body of 2 MB', ' '.repeat(2_000_000), json, 413, 'payload-too-large', /1 MiB/],
]
forEachApp(({ serve }) => {
  for (const name of ['scale-out', 'rebalance']) {
    for (const [what, body, headers, status, reason, message] of cases) {
      test(`${name} refuses ${what}`, async (t) => {
        const { post } = await serve(t, completeSettings)
        const answer = await post(name, body, headers)
        assert.deepEqual([answer.status, answer.outcome, answer.reason], [status, 'failed', reason])
        assert.match(answer.message, message)
        assert.equal(answer.type, 'application/json')
      })
    }
  }

  for (const name of ['scale-out', 'rebalance'])
    test(`${name} explains that a chunked body arrives empty`, async (t) => {
      const { url } = await serve(t, completeSettings)
      const body = ReadableStream.from([new TextEncoder().encode(readPayload('grafana-firing'))])
      const response = await fetch(`${url}/api/${name}`, { method: 'POST', headers: json, body, duplex: 'half' })
      const text = await response.text()
      assert.equal(response.status, 400, text)
      assert.match(text, /"reason":"bad-request"/)
      assert.match(text, /the body is empty.*Content-Length/)
    })

  test('missing settings are all named, and no value is shown', async (t) => {
    const { post, get, log } = await serve(t, { WEBHOOK_SECRETS: 'a-secret-word', SCALE_OUT_STEP: 'twelve' })
    for (const answer of [await post('scale-out'), await post('rebalance'), await get('status')]) {
      assert.deepEqual([answer.status, answer.reason], [500, 'misconfigured'])
      for (const name of [
        'CLUSTER_NAME',
        'PG_CONNECTION_URL',
        'AZURE_SUBSCRIPTION_ID',
        'AZURE_RESOURCE_GROUP',
        'SCALE_OUT_STEP',
      ])
        assert.ok(
          answer.problems?.some((problem) => problem.startsWith(`${name} `)),
          name,
        )
      assert.doesNotMatch(answer.text + (await log()).join(), /twelve|a-secret-word/)
    }
  })

  test('a resolved alert is ignored without an upstream call', async (t) => {
    const { post } = await serve(t, completeSettings)
    const alert = {
      status: 'resolved',
      labels: { action: 'scale-out' },
      startsAt: '2026-11-22T20:00:00Z',
      fingerprint: 'f',
    }
    const answer = await post('scale-out', JSON.stringify({ alerts: [alert, alert] }))
    assert.deepEqual([answer.status, answer.outcome, answer.reason], [200, 'ignored', 'resolved'])
    assert.deepEqual(answer.alerts, { resolved: 2 })
  })

  test('a paused autoscaler calls no upstream', async (t) => {
    const { post } = await serve(t, { ...completeSettings, AUTOSCALE_MODE: 'paused' })
    for (const name of ['scale-out', 'rebalance']) {
      const answer = await post(name)
      assert.deepEqual([answer.status, answer.outcome, answer.reason], [200, 'held', 'paused'])
    }
  })

  test('an unknown function and a wrong method get 404', async (t) => {
    const { url } = await serve(t, completeSettings)
    assert.equal((await fetch(`${url}/api/scale-in`, { method: 'POST' })).status, 404)
    assert.equal((await fetch(`${url}/api/scale-out`)).status, 404)
  })

  test('a request logs one line, with its answer and a correlation id', async (t) => {
    const { url, post, log } = await serve(t, completeSettings)
    await post('scale-out', '')
    const [line = '', ...others] = await log()
    assert.deepEqual(others, [])
    const entry = lineSchema.parse(JSON.parse(line))
    assert.deepEqual([entry.function, entry.reason, entry.status], ['scale-out', 'bad-request', 400])
    const answered = await fetch(`${url}/api/scale-out`, { method: 'POST' })
    assert.match(entry.correlationId, /^[\da-f-]{36}$/)
    assert.match((await log())[1] ?? '', new RegExp(answered.headers.get('x-correlation-id') ?? 'none'))
  })
})
