import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import {
  answersWith,
  givesToken,
  hangs,
  hangsUp,
  startIdentityEndpoint,
  type IdentityAnswer,
} from '../azure/identity-endpoint.ts'
import { failing, refusesToken } from '../azure/identity-failures.ts'
import { withoutOpenssl } from '../citus/tls-postgres.ts'
import { startTokenPostgres, type TokenPostgres } from '../citus/token-postgres.ts'
import { until } from '../until.ts'
import { acceptedDeployments, withArm } from './arm.ts'
import { clientOf, completeSettings, forEachAppSideBySide, type App } from './serve.ts'

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
/** Has the form and length of a token of Entra ID. */
const tokenOf = (name: string) =>
  `${base64({ typ: 'JWT', alg: 'RS256' })}.${base64({ oid: name, claims: 'x'.repeat(900) })}.${'s'.repeat(342)}`

const minutes = 60_000
const inMinutes = (count: number) => new Date(Date.now() + count * minutes)

describe('PG_AUTHENTICATION=entra', { skip: withoutOpenssl }, () => {
  forEachAppSideBySide(testsOf, { atOnce: 1 }) // the tests of an app share a database
})

function testsOf(app: App): void {
  let database: TokenPostgres
  before(async () => {
    database = await startTokenPostgres()
  })
  after(() => database.stop())

  /** The app, an identity endpoint with this first answer, and an ARM that needs no token. */
  async function start(t: TestContext, first: IdentityAnswer, change: Record<string, string> = {}) {
    const [identity, { arm, settings }] = await Promise.all([startIdentityEndpoint(t, first), withArm(t)])
    const instance = await app.start({
      ...settings,
      ...identity.environment,
      PG_AUTHENTICATION: 'entra',
      PG_CONNECTION_URL: database.url,
      PG_CA_CERTIFICATE: database.authority,
      ...change,
    })
    t.after(instance.stop)
    return { identity, arm, instance, ...clientOf(instance.url) }
  }

  /** Makes the server accept this token alone. */
  async function accepted(name: string): Promise<string> {
    const token = tokenOf(name)
    await database.acceptOnly(token)
    return token
  }

  test('both functions and status share one token', async (t) => {
    const token = await accepted('first')
    const { identity, instance, post, get } = await start(t, givesToken(token, inMinutes(60)))
    const answers = await Promise.all([post('scale-out'), post('rebalance'), get('status'), get('status')])
    assert.equal(answers[0].reason, 'rebalance-pending', answers[0].message)
    assert.match(answers[1].reason, /^(rebalancing|rebalance-running)$/, answers[1].message)
    assert.equal(answers[1].warnings, undefined) // the role has every right that it needs
    assert.deepEqual([answers[2].status, answers[2].warnings], [200, []])
    assert.deepEqual(identity.asked, ['https://token.postgres.cosmos.azure.com'])
    const output = [...answers.map(({ text }) => text), ...(await instance.log())].join('\n')
    assert.ok(!output.includes(token.slice(0, 20)))
  })

  test('an elastic cluster has another token scope', async (t) => {
    const token = await accepted('elastic')
    const elastic = { CLUSTER_KIND: 'elastic-cluster' }
    const { identity, post } = await start(t, givesToken(token, inMinutes(60)), elastic)
    assert.match((await post('rebalance')).reason, /^(rebalancing|rebalance-running)$/)
    assert.deepEqual(identity.asked, ['https://ossrdbms-aad.database.windows.net'])
  })

  test('a token that expires soon is replaced, and its connection closed', async (t) => {
    const { identity, instance, post } = await start(t, givesToken(await accepted('first'), inMinutes(15)))
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
    const before = await database.processes()
    await instance.setClock(inMinutes(9))
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
    assert.deepEqual([await database.processes(), identity.asked.length], [before, 1])
    identity.answerWith(givesToken(await accepted('second'), inMinutes(75)))
    await instance.setClock(inMinutes(11))
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
    assert.equal(identity.asked.length, 2)
    await until('the old connection is closed', async () => {
      const now = await database.processes()
      return now.length > 0 && before.every((pid) => !now.includes(pid))
    })
  })

  test('a valid token is still used when the identity endpoint gives no new one', async (t) => {
    const { identity, instance, post } = await start(t, givesToken(await accepted('day'), inMinutes(24 * 60)))
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
    await database.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'autoscaler'`
    identity.answerWith(hangs)
    await instance.setClock(inMinutes(13 * 60))
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
    assert.equal(identity.asked.length, 2)
  })

  test('a token that is about to expire signs in once, and is then replaced', async (t) => {
    const { identity, post } = await start(t, givesToken(await accepted('short'), inMinutes(2)))
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
    assert.ok(identity.asked.length >= 2)
  })

  test('a failing identity endpoint: each request is answered in time and nothing is deployed; it works once the endpoint does', async (t) => {
    const { identity, arm, post, get } = await start(t, hangs)
    for (const [name, answer, reason, message] of failing) {
      identity.answerWith(answer)
      const began = performance.now()
      const [scaleOut, rebalance, status] = await Promise.all([post('scale-out'), post('rebalance'), get('status')])
      assert.ok(performance.now() - began < 15_000, name)
      for (const answered of [scaleOut, rebalance]) {
        assert.deepEqual([answered.status, answered.reason], [reason === 'azure-refused' ? 502 : 503, reason], name)
        assert.match(answered.message, message)
      }
      assert.deepEqual([status.status, status.next?.reason], [200, reason], name)
    }
    assert.ok(arm.requests.every(({ method }) => method === 'GET'))
    identity.answerWith(givesToken(await accepted('late'), inMinutes(60)))
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
  })

  test('without an identity both functions answer azure-refused', async (t) => {
    const withoutIdentity = { AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential' }
    const { arm, post } = await start(t, hangs, withoutIdentity)
    for (const { status, reason, message } of await Promise.all([post('scale-out'), post('rebalance')])) {
      assert.deepEqual([status, reason], [502, 'azure-refused'], message)
      assert.match(message, /EnvironmentCredential is unavailable.*\(give the function app its managed identity/)
    }
    assert.equal(acceptedDeployments(arm), 0)
  })

  const wrongRoles: [user: string, code: string, hint: RegExp][] = [
    ['nobody', '28P01', /PG_CONNECTION_URL must be the role.*autoscaler_function: see infra\/README\.md/],
    ['stranger', '42501', /sql\/02-roles\.sql.*autoscaler_function/],
  ]
  for (const [username, code, hint] of wrongRoles)
    test(`the wrong role ${username} is refused with a hint`, async (t) => {
      const answer = givesToken(await accepted('stranger'), inMinutes(60))
      const url = Object.assign(new URL(database.url), { username }).href
      const { arm, post } = await start(t, answer, { PG_CONNECTION_URL: url })
      for (const answered of [await post('scale-out'), await post('rebalance')]) {
        const { status, reason, message } = answered
        assert.deepEqual([status, reason, answered.code], [502, 'citus-refused', code], message)
        assert.match(message, hint)
        assert.doesNotMatch(message, /password in/)
      }
      assert.equal(acceptedDeployments(arm), 0)
    })

  test('a token is in no answer and no log line, even when an upstream quotes it', async (t) => {
    await accepted('another')
    const token = tokenOf('wrong')
    const { identity, instance, post } = await start(t, givesToken(token, inMinutes(2)))
    const answers = [await post('scale-out'), await post('rebalance')]
    assert.deepEqual([answers[0]?.code, answers[1]?.code], ['28P01', '28P01'])
    identity.answerWith(answersWith(403, { statusCode: 403, message: `${token} is not valid` }))
    answers.push(await post('rebalance'))
    assert.match(answers[2]?.message ?? '', /\[token\] is not valid/)
    // The database may quote it, too.
    identity.answerWith(givesToken(token, inMinutes(60)))
    await database.acceptOnly(token)
    await database.sql`ALTER FUNCTION autoscaler.read_cluster(name) RENAME TO read_cluster_before`
    try {
      await database.sql.unsafe(`
          CREATE FUNCTION autoscaler.read_cluster(name) RETURNS json LANGUAGE plpgsql AS $$
          BEGIN RAISE 'what is %?', '${token}' USING HINT = '${token}'; END $$`)
      answers.push(await post('scale-out'), await post('rebalance'))
    } finally {
      await database.sql`DROP FUNCTION IF EXISTS autoscaler.read_cluster(name)`
      await database.sql`ALTER FUNCTION autoscaler.read_cluster_before(name) RENAME TO read_cluster`
    }
    assert.match(answers[4]?.message ?? '', /what is \[token\]\?/)
    const output = [...answers.map(({ text }) => text), ...(await instance.log())].join('\n')
    for (const part of token.split('.')) assert.ok(!output.includes(part.slice(0, 30)), output)
  })

  test('with sslmode=disable no token is requested', async (t) => {
    const { identity, post } = await start(t, givesToken(await accepted('clear'), inMinutes(60)), {
      PG_CONNECTION_URL: `${database.url}?sslmode=disable`,
    })
    const { reason, message } = await post('rebalance')
    assert.equal(reason, 'misconfigured')
    assert.match(message, /must not turn TLS off/)
    assert.deepEqual(identity.asked, [])
  })

  test('a server that offers no TLS is refused', async (t) => {
    const plain = Object.assign(new URL(process.env.TEST_DATABASE_SERVER_URL ?? ''), { password: '' }).href
    const answer = givesToken(tokenOf('clear'), inMinutes(60))
    const { post } = await start(t, answer, { PG_CONNECTION_URL: plain })
    const { reason, message } = await post('rebalance')
    assert.equal(reason, 'citus-refused')
    assert.match(message, /offers no TLS/)
  })

  test('requests to ARM use the same identity, and the answer says why it has no token', async (t) => {
    const { identity, post } = await start(t, refusesToken(400), {
      PG_AUTHENTICATION: 'password',
      PG_CONNECTION_URL: completeSettings.PG_CONNECTION_URL,
      AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://127.0.0.1:1',
    })
    const refused = await post('scale-out')
    assert.deepEqual([refused.reason, refused.code], ['azure-refused', 'NO_TOKEN'], refused.message)
    assert.match(refused.message, /answered 400: No User Assigned.*\(give the function app its managed identity/)
    identity.answerWith(hangsUp)
    const unavailable = await post('scale-out')
    assert.deepEqual([unavailable.reason, unavailable.code], ['azure-unavailable', 'NO_TOKEN'])
    assert.deepEqual([...new Set(identity.asked)], ['https://127.0.0.1:1'])
  })
}
