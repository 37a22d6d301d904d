import assert from 'node:assert/strict'
import { once } from 'node:events'
import { IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { before, after, describe, test } from 'node:test'
import * as z from 'zod'
import type { RegisteredFunction } from '../../src/functions/function-table.ts'
import { startFunctionsHost, type FunctionsHost } from '../../src/local/functions-host.ts'

/** Answers with the request that it received. */
const echo: RegisteredFunction = {
  name: 'scale-out',
  method: 'POST',
  handler: async (request) => ({
    status: 200,
    headers: { 'x-method': request.method },
    body: `<${await request.text()}>`,
  }),
}
const broken: RegisteredFunction = {
  name: 'broken',
  method: 'GET',
  handler: () => Promise.reject(new Error('a defect')),
}

type Sent = { method: string; path: string; headers?: Record<string, string | number>; body?: string }

// The answers are those of the real host (4.1037).
const cases: [name: string, sent: Sent, status: number, body: string][] = [
  [
    'a request with Content-Length',
    { method: 'POST', path: '/api/scale-out', headers: { 'content-length': 4 }, body: 'body' },
    200,
    '<body>',
  ],
  [
    'a chunked request, whose body is dropped',
    { method: 'POST', path: '/api/scale-out', headers: { 'transfer-encoding': 'chunked' }, body: 'body' },
    200,
    '<>',
  ],
  ['a request without a body', { method: 'POST', path: '/api/scale-out', headers: { 'content-length': 0 } }, 200, '<>'],
  ['a path in capitals', { method: 'POST', path: '/API/Scale-Out', headers: { 'content-length': 0 } }, 200, '<>'],
  ['a slash at the end', { method: 'POST', path: '/api/scale-out/?x=1', headers: { 'content-length': 0 } }, 200, '<>'],
  ['an encoded letter', { method: 'POST', path: '/api/%73cale-out', headers: { 'content-length': 0 } }, 200, '<>'],
  ['two slashes at the end', { method: 'POST', path: '/api/scale-out//' }, 404, ''],
  ['a lone per cent sign', { method: 'POST', path: '/api/scale-out%' }, 404, ''],
  ['an unknown function', { method: 'POST', path: '/api/scale-in' }, 404, ''],
  ['a path without the prefix', { method: 'POST', path: '/scale-out' }, 404, ''],
  ['another method', { method: 'GET', path: '/api/scale-out' }, 404, ''],
  ['HEAD', { method: 'HEAD', path: '/api/broken' }, 404, ''],
  ['OPTIONS', { method: 'OPTIONS', path: '/api/scale-out' }, 404, ''],
  ['the home page', { method: 'GET', path: '/' }, 200, ''],
  ['no path', { method: 'OPTIONS', path: '*' }, 400, ''],
  ['a function that fails', { method: 'GET', path: '/api/broken' }, 500, ''],
]

describe('the local Functions host answers as the real one', () => {
  const log: string[] = []
  let host: FunctionsHost
  before(async () => {
    host = await startFunctionsHost([echo, broken], { port: 0, onLog: (line) => log.push(line) })
  })
  after(() => host.close())

  async function answerOf({ method, path, headers = {}, body }: Sent) {
    const sent = request(host.url, { method, path, headers }).end(body)
    const [response] = z.tuple([z.instanceof(IncomingMessage)]).parse(await once(sent, 'response'))
    return { status: response.statusCode, body: await text(response) }
  }

  for (const [name, sent, status, body] of cases)
    test(name, async () => assert.deepEqual(await answerOf(sent), { status, body }))

  test('a body of more than 100 MiB is refused without being read', async (t) => {
    const headers = { 'content-length': 100 * 1024 * 1024 + 1 }
    const sent = request(host.url, { method: 'POST', path: '/api/scale-out', headers })
    t.after(() => sent.destroy())
    sent.flushHeaders()
    const [response] = z.tuple([z.instanceof(IncomingMessage)]).parse(await once(sent, 'response'))
    assert.equal(response.statusCode, 500)
    assert.equal(await text(response), '')
  })

  test('the error of a function is in the log', () =>
    assert.match(log.join('\n'), /a function failed: Error: a defect/))
})
