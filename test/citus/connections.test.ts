import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { connect } from '../database.ts'
import { withArm } from '../functions/arm.ts'
import { forEachApp } from '../functions/serve.ts'
import { passOn, databaseProxy } from '../functions/database-proxy.ts'
import { withoutIpv6 } from './ipv6.ts'
import { startPgBouncer, withoutPgBouncer } from './pgbouncer.ts'
import { startTlsPostgres, withoutOpenssl } from './tls-postgres.ts'
import { unbalance, unbalanced } from './unbalanced.ts'

async function tlsServer(t: TestContext) {
  const { url, authority, stop } = await startTlsPostgres()
  t.after(stop)
  const sql = connect(url, { max: 1 })
  await unbalance(sql)
  await sql.end()
  return { url, authority }
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
    name: 'two hosts, the first of which refuses',
    async settingsOf(t) {
      const { url } = await unbalanced(t)
      const { host } = new URL(url)
      return { PG_CONNECTION_URL: url.replace(host, `127.0.0.1:1,${host}`) }
    },
  },
  {
    name: 'two hosts, the first of which answers',
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
    async settingsOf(t) {
      const { url, authority } = await tlsServer(t)
      return { PG_CONNECTION_URL: `${url}?sslmode=verify-full`, PG_CA_CERTIFICATE: authority }
    },
    skip: withoutOpenssl,
  },
  {
    name: 'TLS that is not verified',
    settingsOf: async (t) => ({ PG_CONNECTION_URL: `${(await tlsServer(t)).url}?sslmode=require` }),
    skip: withoutOpenssl,
  },
]

forEachApp(({ serve }) => {
  for (const { name, settingsOf, skip = false } of rows)
    test(`both functions reach the coordinator by ${name}`, { skip }, async (t) => {
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
