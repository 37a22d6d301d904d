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

// The contract's "Refused or silent", one row for each entry. Real servers where they can be made to fail like this.
type Row = {
  name: string
  urlOf: (t: TestContext) => string | Promise<string>
  /** SQLSTATE, if there is one. */
  code?: RegExp
  /** Part of the answer's message. */
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

const notPostgres = { code: /^NOT_POSTGRESQL$/, message: /check host and port in PG_CONNECTION_URL/ }

const refused: Row[] = [
  { name: 'a wrong password', urlOf: (t) => changed(t, { password: 'a-wrong-word' }), code: /^28P01$/ },
  { name: 'a role that does not exist', urlOf: (t) => changed(t, { username: 'nobody' }), code: /^28P01$/ },
  { name: 'a database that does not exist', urlOf: (t) => changed(t, { pathname: 'nowhere' }), code: /^3D000$/ },
  {
    name: 'a certificate of an unknown authority',
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
  { name: 'sslmode=require and a server without TLS', urlOf: (t) => changed(t, { search: '?sslmode=require' }) },
  {
    name: 'a wrong password at PgBouncer',
    urlOf: (t) => throughPgBouncer(t, { password: 'a-wrong-word' }),
    skip: withoutPgBouncer,
  },
  {
    name: 'an unknown database at PgBouncer',
    urlOf: (t) => throughPgBouncer(t, { pathname: 'nowhere' }),
    code: /^08P01$/,
    skip: withoutPgBouncer,
  },
  { name: '08P01', urlOf: (t) => socketServer(t, poolerRefusesLogin('08P01', 'no such user')), code: /^08P01$/ },
  {
    name: '08P01 at a statement',
    urlOf: (t) => socketServer(t, refusesStatements('08P01', 'query_wait_timeout')),
    code: /^08P01$/,
    message: /check that the database is up/,
  },
  { name: '08004', urlOf: (t) => socketServer(t, poolerRefusesLogin('08004', 'not today')), code: /^08004$/ },
  {
    name: 'an error that the driver throws before it connects',
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
  { name: 'a server of another protocol that sends first', urlOf: (t) => socketServer(t, greets), ...notPostgres },
  { name: 'a web server', urlOf: (t) => socketServer(t, answersInHttp), ...notPostgres },
  {
    name: 'an error in neither list',
    urlOf: (t) => socketServer(t, refusesStatements('XX000', 'something else')),
    code: /^XX000$/,
  },
]

const silentCodes = ['53100', '53200', '57014', '57P01', '55P03', '08006', '08003']
const silent: Row[] = [
  {
    name: 'a server that never answers',
    urlOf: (t) => socketServer(t, neverAnswers),
    message: /CONNECT_TIMEOUT|no answer within/,
  },
  { name: 'a connection closed at once', urlOf: (t) => socketServer(t, closesAtOnce) },
  { name: 'a connection refused', urlOf: () => 'postgres://citus@127.0.0.1:1/citus', message: /ECONNREFUSED/ },
  // The limited broadcast address, to which there is no route.
  {
    name: 'no route',
    urlOf: () => 'postgres://citus@255.255.255.255:5432/citus?sslmode=disable',
    message: /E(NET|HOST)UNREACH/,
    skip: process.platform !== 'linux' && 'only Linux is known to have no route to it',
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
    name: `${code} at a statement`,
    urlOf: (t: TestContext) => socketServer(t, refusesStatements(code, 'not now')),
    code: new RegExp(`^${code}$`),
  })),
]

/** The answers of both functions, asked in sequence because they share a connection, and the number of deployments. */
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
      test(`citus-refused: ${row.name}`, { skip: row.skip ?? false }, async (t) => {
        const { scaleOut, rebalance, deployments } = await askBoth(t, app, row)
        for (const { status, reason, code, message } of [scaleOut, rebalance]) {
          assert.deepEqual([status, reason], [502, 'citus-refused'], message)
          if (row.code) assert.match(code ?? 'none', row.code, message)
          if (row.message) assert.match(message, row.message)
        }
        assert.equal(deployments, 0)
      })

    for (const row of silent)
      test(
        `citus-unavailable, scale-out without the coordinator: ${row.name}`,
        { skip: row.skip ?? false },
        async (t) => {
          const { scaleOut, rebalance, deployments } = await askBoth(t, app, row)
          assert.deepEqual([scaleOut.status, scaleOut.reason], [202, 'scaling-out'], scaleOut.message)
          assert.match(scaleOut.warnings?.join() ?? '', /without the coordinator/)
          assert.equal(deployments, 1)
          assert.deepEqual([rebalance.status, rebalance.reason], [503, 'citus-unavailable'], rebalance.message)
          if (row.code) assert.match(rebalance.code ?? 'none', row.code, rebalance.message)
          if (row.message) assert.match(rebalance.message, row.message)
        },
      )
  })
})
