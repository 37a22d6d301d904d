import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import { createDatabase } from '../database.ts'
import { acceptedDeployments, withArm } from '../functions/arm.ts'
import { forEachAppSideBySide, type App } from '../functions/serve.ts'
import { asNewRole } from './new-role.ts'
import { startPgBouncer, withoutPgBouncer } from './pgbouncer.ts'
import {
  answersInHttp,
  closesAtOnce,
  greets,
  neverAnswers,
  poolerRefusesLogin,
  refusesLogin,
  refusesStatements,
  socketServer,
} from './socket-server.ts'
import { startTlsPostgres, withoutOpenssl, type TlsPostgres } from './tls-postgres.ts'
import { unbalanced } from './unbalanced.ts'

// The contract's "Refused or silent", an entry a row. Real servers where one can be made to say it.
type Row = {
  name: string
  urlOf: (t: TestContext) => string | Promise<string>
  /** SQLSTATE, where there is one. */
  code?: RegExp
  /** What the answer says. */
  message?: RegExp
  settings?: () => Record<string, string>
  skip?: string | false
}

let tls: TlsPostgres | undefined
const tlsUrl = (search: string, change: Partial<URL> = {}) =>
  Object.assign(new URL(tls?.url ?? ''), { search, ...change }).href

const changed = async (t: TestContext, change: Partial<URL>) =>
  Object.assign(new URL((await unbalanced(t)).url), change).href

const throughPgBouncer = async (t: TestContext, change: Partial<URL>) =>
  Object.assign(new URL(await startPgBouncer(t, (await unbalanced(t)).url, 'transaction')), change).href

const asRole = async (t: TestContext, limits: string, statements?: (role: string, database: string) => string) =>
  asNewRole(t, (await unbalanced(t)).url, limits, statements)

const notOurs = { code: /^NOT_POSTGRESQL$/, message: /check host and port in PG_CONNECTION_URL/ }

const refused: Row[] = [
  { name: 'a wrong password', urlOf: (t) => changed(t, { password: 'a-wrong-word' }), code: /^28P01$/ },
  { name: 'a role that does not exist', urlOf: (t) => changed(t, { username: 'nobody' }), code: /^28P01$/ },
  { name: 'a database that does not exist', urlOf: (t) => changed(t, { pathname: 'nowhere' }), code: /^3D000$/ },
  {
    name: 'a certificate of an authority that nobody knows',
    urlOf: () => tlsUrl('?sslmode=verify-full'),
    message: /put the certificate of its authority into PG_CA_CERTIFICATE\)$/,
    skip: withoutOpenssl,
  },
  {
    name: 'a certificate of another host',
    urlOf: () => tlsUrl('?sslmode=verify-full', { hostname: 'localhost' }),
    settings: () => ({ PG_CA_CERTIFICATE: tls?.authority ?? '' }),
    message: /name the host in PG_CONNECTION_URL as the certificate does\)$/,
    skip: withoutOpenssl,
  },
  { name: 'TLS asked of a server that has none', urlOf: (t) => changed(t, { search: '?sslmode=require' }) },
  {
    name: "PgBouncer's no to a password",
    urlOf: (t) => throughPgBouncer(t, { password: 'a-wrong-word' }),
    skip: withoutPgBouncer,
  },
  {
    name: "PgBouncer's no to a database",
    urlOf: (t) => throughPgBouncer(t, { pathname: 'nowhere' }),
    code: /^08P01$/,
    skip: withoutPgBouncer,
  },
  { name: '08P01', urlOf: (t) => socketServer(t, poolerRefusesLogin('08P01', 'no such user')), code: /^08P01$/ },
  {
    name: '08P01 to a statement',
    urlOf: (t) => socketServer(t, refusesStatements('08P01', 'query_wait_timeout')),
    code: /^08P01$/,
    message: /check that the database is up/,
  },
  { name: '08004', urlOf: (t) => socketServer(t, poolerRefusesLogin('08004', 'not today')), code: /^08004$/ },
  {
    name: 'what the driver throws before it dials',
    urlOf: (t) => changed(t, { search: '?target_session_attrs=any-but-this' }),
  },
  {
    name: 'a database without Citus',
    async urlOf(t) {
      const { url, drop } = await createDatabase({ empty: true })
      t.after(drop)
      return url
    },
    code: /^3F000$/,
  },
  {
    name: 'no schema autoscaler',
    async urlOf(t) {
      const { url, sql } = await unbalanced(t)
      await sql`DROP SCHEMA autoscaler CASCADE`
      return url
    },
    code: /^3F000$/,
  },
  {
    name: 'no right to connect',
    urlOf: (t) => asRole(t, '', (_role, database) => `REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`),
    code: /^42501$/,
  },
  {
    name: 'no right to the schema autoscaler',
    urlOf: (t) => asRole(t, ''),
    code: /^42501$/,
  },
  { name: 'a server that speaks first, and not as PostgreSQL does', urlOf: (t) => socketServer(t, greets), ...notOurs },
  { name: 'a web server', urlOf: (t) => socketServer(t, answersInHttp), ...notOurs },
  {
    name: 'what is in neither list',
    urlOf: (t) => socketServer(t, refusesStatements('XX000', 'something else')),
    code: /^XX000$/,
  },
]

const silentCodes = ['53100', '53200', '57014', '57P01', '55P03', '08006', '08003']
const silent: Row[] = [
  { name: 'never an answer', urlOf: (t) => socketServer(t, neverAnswers), message: /CONNECT_TIMEOUT|no answer within/ },
  { name: 'a connection closed at once', urlOf: (t) => socketServer(t, closesAtOnce) },
  { name: 'a connection refused', urlOf: () => 'postgres://citus@127.0.0.1:1/citus', message: /ECONNREFUSED/ },
  // The limited broadcast address, which no network has a route to.
  {
    name: 'no route',
    urlOf: () => 'postgres://citus@255.255.255.255:5432/citus?sslmode=disable',
    message: /E(NET|HOST)UNREACH/,
    skip: process.platform !== 'linux' && 'known to be without a route on Linux only',
  },
  {
    name: 'a name that does not resolve',
    urlOf: () => 'postgres://citus@coordinator.invalid/citus?sslmode=require',
    message: /ENOTFOUND|EAI_AGAIN/,
  },
  { name: '53300', urlOf: (t) => asRole(t, 'CONNECTION LIMIT 0'), code: /^53300$/ },
  {
    name: '57P03',
    urlOf: (t) => socketServer(t, refusesLogin('57P03', 'the database system is starting up')),
    code: /^57P03$/,
  },
  ...silentCodes.map((code) => ({
    name: `${code} to a statement`,
    urlOf: (t: TestContext) => socketServer(t, refusesStatements(code, 'not now')),
    code: new RegExp(`^${code}$`),
  })),
]

/** What both functions answer, one after the other since they share a connection, and the deployments that came of it. */
async function askBoth(t: TestContext, { serve }: App, { urlOf, settings }: Row) {
  const { arm, settings: common } = await withArm(t)
  const { post } = await serve(t, { ...common, PG_CONNECTION_URL: await urlOf(t), ...settings?.() })
  const rebalance = await post('rebalance')
  const scaleOut = await post('scale-out')
  return { scaleOut, rebalance, deployments: acceptedDeployments(arm) }
}

describe('refused or silent', () => {
  before(async () => {
    if (!withoutOpenssl) tls = await startTlsPostgres()
  })
  after(() => tls?.stop())

  forEachAppSideBySide((app) => {
    for (const row of refused)
      test(`refused: ${row.name}`, { skip: row.skip ?? false }, async (t) => {
        const { scaleOut, rebalance, deployments } = await askBoth(t, app, row)
        for (const { status, reason, code, message } of [scaleOut, rebalance]) {
          assert.deepEqual([status, reason], [502, 'citus-refused'], message)
          if (row.code) assert.match(code ?? 'none', row.code, message)
          if (row.message) assert.match(message, row.message)
        }
        assert.equal(deployments, 0)
      })

    for (const row of silent)
      test(`silent: ${row.name}`, { skip: row.skip ?? false }, async (t) => {
        const { scaleOut, rebalance, deployments } = await askBoth(t, app, row)
        assert.deepEqual([scaleOut.status, scaleOut.reason], [202, 'scaling-out'], scaleOut.message)
        assert.match(scaleOut.warnings?.join() ?? '', /without the coordinator/)
        assert.equal(deployments, 1)
        assert.deepEqual([rebalance.status, rebalance.reason], [503, 'citus-unavailable'], rebalance.message)
        if (row.code) assert.match(rebalance.code ?? 'none', row.code, rebalance.message)
        if (row.message) assert.match(rebalance.message, row.message)
      })
  })
})
