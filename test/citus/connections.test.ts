import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test, type TestContext } from 'node:test'
import type { Sql } from 'postgres'
import { connect, templateDatabase } from '../database.ts'
import { withArm } from '../functions/arm.ts'
import { forEachApp } from '../functions/serve.ts'
import { passOn, databaseProxy } from '../functions/database-proxy.ts'
import { withoutIpv6 } from './ipv6.ts'
import { startPgBouncer, withoutPgBouncer } from './pgbouncer.ts'
import { startTlsPostgres, withoutOpenssl, type TlsPostgres } from './tls-postgres.ts'
import { unbalance, unbalanced } from './unbalanced.ts'

let started: Promise<TlsPostgres> | undefined
after(async () => (await started)?.stop())

/** A new database, with something to move, on a server that all tests share. */
async function tlsServer() {
  const server = await (started ??= startTlsPostgres())
  const name = `test_${randomBytes(6).toString('hex')}`
  const url = Object.assign(new URL(server.url), { pathname: name }).href
  await work(Object.assign(new URL(server.url), { pathname: 'postgres' }).href, (sql) =>
    sql.unsafe(`CREATE DATABASE ${name} TEMPLATE ${templateDatabase} STRATEGY file_copy`),
  )
  await work(url, unbalance)
  return { url, authority: server.authority }
}

async function work(url: string, statements: (sql: Sql) => Promise<unknown>): Promise<void> {
  const sql = connect(url, { max: 1 })
  await statements(sql).finally(() => sql.end())
}

type Row = {
  name: string
  settingsOf: (t: TestContext) => Promise<Record<string, string>>
  skip?: string | false
}

const rows: Row[] = [
  {
    name: 'an IPv6 literal',
    async settingsOf(t) {
      const { url } = await unbalanced(t)
      return { PG_CONNECTION_URL: await databaseProxy(t, url, passOn, '::1') }
    },
    skip: withoutIpv6,
  },
  {
    name: 'two hosts, if the first refuses',
    async settingsOf(t) {
      const { url } = await unbalanced(t)
      const { host } = new URL(url)
      return { PG_CONNECTION_URL: url.replace(host, `127.0.0.1:1,${host}`) }
    },
  },
  {
    name: 'two hosts, if the first answers',
    async settingsOf(t) {
      const { url } = await unbalanced(t)
      const { host } = new URL(url)
      return { PG_CONNECTION_URL: url.replace(host, `${host},127.0.0.1:1`) }
    },
  },
  ...(['session', 'transaction'] as const).map((mode) => ({
    name: `PgBouncer's ${mode} pooling`,
    settingsOf: async (t: TestContext) => ({
      PG_CONNECTION_URL: await startPgBouncer(t, (await unbalanced(t)).url, mode),
    }),
    skip: withoutPgBouncer,
  })),
  {
    name: 'TLS with a private authority',
    async settingsOf() {
      const { url, authority } = await tlsServer()
      return { PG_CONNECTION_URL: `${url}?sslmode=verify-full`, PG_CA_CERTIFICATE: authority }
    },
    skip: withoutOpenssl,
  },
  {
    name: 'TLS without verification',
    settingsOf: async () => ({ PG_CONNECTION_URL: `${(await tlsServer()).url}?sslmode=require` }),
    skip: withoutOpenssl,
  },
]

forEachApp(({ serve }) => {
  for (const { name, settingsOf, skip = false } of rows)
    test(`both functions reach the coordinator with ${name}`, { skip }, async (t) => {
      const { settings } = await withArm(t)
      const { post } = await serve(t, { ...settings, ...(await settingsOf(t)) })
      const rebalance = await post('rebalance')
      assert.deepEqual(
        [rebalance.status, rebalance.reason, rebalance.moves],
        [202, 'rebalancing', 16],
        rebalance.message,
      )
      const scaleOut = await post('scale-out')
      assert.equal(scaleOut.reason, 'rebalance-pending', scaleOut.message)
      assert.equal(scaleOut.warnings, undefined)
    })
})
