import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { ask, closeDatabase, lateMilliseconds, start } from '../../src/citus/connection.ts'
import type { Database } from '../../src/citus/database.ts'
import { isUpstreamError } from '../../src/upstream-error.ts'
import { createDatabase } from '../database.ts'
import { slowProxy } from '../functions/database-proxy.ts'
import { until } from '../until.ts'
import { databaseOf } from './database-of.ts'

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => 'an answer',
    (error: unknown) => (isUpstreamError(error) ? `${error.reason}: ${error.message}` : String(error)),
  )
const version = (database: Database) => ask(database, 'tell its version', 5_000, (sql) => sql`SELECT version()`)

test('30 requests at once all get the error of a refused connection', async (t) => {
  t.after(closeDatabase)
  const unreachable = databaseOf('postgres://citus@127.0.0.1:1/citus')
  const failures = await Promise.all(Array.from({ length: 30 }, () => failureOf(version(unreachable))))
  for (const failure of failures) assert.match(failure, /^citus-unavailable: .*ECONNREFUSED/)
})

/** A server that closes each connection with `close`, and a count of the connections. */
async function closingServer(t: TestContext, close: (socket: Socket) => void) {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => socket.destroy())
    close(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return { url: `postgres://citus@127.0.0.1:${address.port}/citus`, connections: () => connections }
}

const closings: [name: string, query: string, close: (socket: Socket) => void, message: RegExp][] = [
  ['at once', '', (socket) => socket.end(), /CLOSED|closed/],
  ['with a reset', '', (socket) => socket.resetAndDestroy(), /closed|ECONNRESET/],
  ['after the first message', '', (socket) => socket.once('data', () => socket.end()), /CLOSED|closed/],
  [
    'instead of TLS',
    '?sslmode=require',
    (socket) => socket.once('data', () => socket.end()),
    /closed the connection when asked for TLS/,
  ],
  // AuthenticationSASL with SCRAM-SHA-256 on offer.
  [
    'after it has asked for the password',
    '',
    (socket) => socket.once('data', () => socket.end(Buffer.from('R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0', 'latin1'))),
    /CLOSED|closed/,
  ],
]
for (const [name, query, close, message] of closings)
  test(`a server that closes each connection ${name}: citus-unavailable after one connection per request`, async (t) => {
    t.after(closeDatabase)
    const { url, connections } = await closingServer(t, close)
    const database = databaseOf(url + query)
    const works = [version(database), start(database, 'work', 5_000, (sql) => sql`SELECT 1`)]
    for (const failure of await Promise.all(works.map(failureOf))) {
      assert.match(failure, /^citus-unavailable: /)
      assert.match(failure, message)
    }
    assert.equal(connections(), 2)
  })

test('with several servers in the URL, the next one is used if the first refuses', async (t) => {
  t.after(closeDatabase)
  const url = new URL(process.env.TEST_DATABASE_SERVER_URL ?? '')
  const several = url.href.replace(url.host, `127.0.0.2,${url.hostname}:${url.port}`)
  assert.equal(await failureOf(version(databaseOf(several))), 'an answer')
})

test('a URL with an unsupported option: citus-refused', async () =>
  assert.match(
    await failureOf(version(databaseOf('postgres://citus@127.0.0.1:1/citus?target_session_attrs=any-but-this'))),
    /^citus-refused: .*target_session_attrs any-but-this is not supported/,
  ))

test('a request does not wait for another, and reuses a free connection', async (t) => {
  const { url, sql, drop } = await createDatabase()
  t.after(drop)
  t.after(closeDatabase)
  const database = databaseOf(url)
  const locker = await sql.reserve()
  await locker`SELECT pg_advisory_lock(1)`
  const slow = ask(database, 'wait', 60_000, (own) => own`SELECT pg_advisory_lock(1)`)
  const pid = async () =>
    ask(
      database,
      'tell its process',
      5_000,
      async (own) => (await own`SELECT pg_backend_pid() AS pid`)[0]?.pid as number,
    )
  const first = await pid()
  assert.equal(await pid(), first)
  await locker`SELECT pg_advisory_unlock(1)`
  locker.release()
  await slow
})

test('an idle connection that the server closed is replaced without an error', async (t) => {
  const { url, sql, drop } = await createDatabase()
  t.after(drop)
  t.after(closeDatabase)
  const database = databaseOf(url)
  await version(database)
  await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'citus-autoscaler' AND datname = current_database()`
  assert.equal(await failureOf(version(database)), 'an answer')
})

test('started work continues after the request, and its outcome is in the database', async (t) => {
  const { url, sql, drop } = await createDatabase()
  t.after(drop)
  t.after(closeDatabase)
  await sql`CREATE TABLE done (at timestamptz)`
  const locker = await sql.reserve()
  await locker`SELECT pg_advisory_lock(1)`
  const work = (own: typeof sql) => own.unsafe('SELECT pg_advisory_xact_lock(1); INSERT INTO done VALUES (now())')
  assert.equal(await start(databaseOf(url), 'work', 100, work), undefined)
  await locker`SELECT pg_advisory_unlock(1)`
  locker.release()
  await until('the work is done', async () => (await sql`SELECT FROM done`).length === 1)
})

test('the time for connecting and login is subtracted from the time that work gets', async (t) => {
  const { url, drop } = await createDatabase()
  t.after(drop)
  t.after(closeDatabase)
  const proxy = await slowProxy(t, url, 400)
  proxy.setSlow(true)
  const given = await start(databaseOf(proxy.url), 'work', 20_000, (_sql, waitedFor) => Promise.resolve(waitedFor))
  assert.ok(given !== undefined && given <= 20_000 - lateMilliseconds - 2 * 390, `${given} ms`)
})
