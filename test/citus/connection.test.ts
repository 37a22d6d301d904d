import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { ask, askApart, closeDatabase } from '../../src/citus/connection.ts'
import * as z from 'zod/mini'
import { UpstreamError } from '../../src/upstream-error.ts'

const countSchema = z.object({ count: z.number() })

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => 'an answer',
    (error: unknown) => (error instanceof UpstreamError ? `${error.reason}: ${error.message}` : String(error)),
  )
const version = (url: string) => ask(url, 'tell its version', 5_000, (sql) => sql`SELECT version()`)

test('who waits behind a connection that is refused hears of it as well, and in time', async (t) => {
  t.after(closeDatabase)
  const failures = await Promise.all(
    Array.from({ length: 30 }, () => failureOf(version('postgres://citus@127.0.0.1:1/citus'))),
  )
  for (const failure of failures) assert.match(failure, /^citus-unavailable: .*ECONNREFUSED/)
})

/** A server that closes each connection, at once or after the first words; with how often it was dialled. */
async function closingServer(t: TestContext, close: (socket: Socket) => void) {
  let dialled = 0
  const server = createServer((socket) => {
    dialled += 1
    socket.on('error', () => socket.destroy())
    close(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return { url: `postgres://citus@127.0.0.1:${address.port}/citus`, dialled: () => dialled }
}

const closings: [name: string, query: string, close: (socket: Socket) => void][] = [
  ['at once', '', (socket) => socket.end()],
  ['after the first words', '', (socket) => socket.once('data', () => socket.end())],
  ['instead of TLS', '?sslmode=require', (socket) => socket.once('data', () => socket.end())],
  // AuthenticationSASL with SCRAM-SHA-256 on offer.
  [
    'after it has asked for the password',
    '',
    (socket) => socket.once('data', () => socket.end(Buffer.from('R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0', 'latin1'))),
  ],
]
for (const [name, query, close] of closings)
  test(`a server that closes each connection ${name} is dialled once and named`, async (t) => {
    t.after(closeDatabase)
    const { url, dialled } = await closingServer(t, close)
    assert.match(
      await failureOf(version(url + query)),
      /^citus-unavailable: .* closed the connection before it was ready$/,
    )
    const apart = askApart(url + query, 'work', 5_000, (sql) => sql`SELECT 1`)
    assert.match(await failureOf(apart), /^citus-unavailable: .* closed the connection before it was ready$/)
    assert.ok(dialled() <= 4, `dialled ${dialled()} times`)
  })

test('of several servers the next one is asked', async (t) => {
  t.after(closeDatabase)
  const url = new URL(process.env.TEST_DATABASE_SERVER_URL ?? '')
  const several = url.href.replace(url.host, `127.0.0.2,${url.hostname}:${url.port}`)
  assert.equal(await failureOf(version(several)), 'an answer')
})

test('a URL with an option that the driver refuses is told as a failure', async () =>
  assert.match(
    await failureOf(version('postgres://citus@127.0.0.1:1/citus?target_session_attrs=any-but-this')),
    /^citus-unavailable: .*target_session_attrs any-but-this is not supported/,
  ))

test('an answer that nobody expected is no outage', async (t) => {
  t.after(closeDatabase)
  const failure = await failureOf(
    ask(process.env.TEST_DATABASE_SERVER_URL ?? '', 'count', 5_000, () =>
      Promise.resolve(countSchema.parse({ count: 'many' })),
    ),
  )
  assert.match(failure, /^citus-refused: The coordinator, asked to count, answered what no Citus .* see count$/)
})
