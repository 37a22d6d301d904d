import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { unbalanced } from '../citus/unbalanced.ts'
import { connect, createDatabase } from '../database.ts'
import { flood } from '../in-full.ts'
import { withArm } from './arm.ts'
import { brokenProxy, holdingProxy, type Fault } from './broken-proxy.ts'
import { completeSettings, forEachAppSideBySide } from './serve.ts'

const changed = async (t: TestContext, change: Partial<URL>) =>
  Object.assign(new URL((await unbalanced(t)).url), change).href

/** What a coordinator or a proxy before it refuses, with the SQLSTATE. */
const refusals: [name: string, urlOf: (t: TestContext) => Promise<string>, code: RegExp, message: RegExp][] = [
  [
    'a wrong password',
    (t) => changed(t, { password: 'a-wrong-word' }),
    /^28P01$/,
    /SQLSTATE 28P01.*password.*PG_CONNECTION_URL/,
  ],
  ['a role that does not exist', (t) => changed(t, { username: 'nobody' }), /^28P01$/, /SQLSTATE 28P01.*nobody/],
  ['a database that does not exist', (t) => changed(t, { pathname: 'nowhere' }), /^3D000$/, /SQLSTATE 3D000.*nowhere/],
  [
    'a database without Citus',
    async (t) => {
      const { url, drop } = await createDatabase({ empty: true })
      t.after(drop)
      return url
    },
    /^3F000$/,
    /SQLSTATE 3F000.*is Citus installed.*sql\/01-autoscaler\.sql/,
  ],
]

const settingsOf = (url: string) => ({ ...completeSettings, PG_CONNECTION_URL: url })

forEachAppSideBySide(({ serve }) => {
  test('a rebalance answers with its job and its moves, and holds while one runs', async (t) => {
    const { url, jobs } = await unbalanced(t)
    const { post } = await serve(t, settingsOf(url))
    const started = await post('rebalance')
    assert.deepEqual([started.status, started.outcome, started.reason], [202, 'started', 'rebalancing'])
    assert.deepEqual([started.job, started.moves], [1, 16])
    const running = await post('rebalance')
    assert.deepEqual(
      [running.status, running.outcome, running.reason, running.job],
      [200, 'held', 'rebalance-running', 1],
    )
    assert.equal(await jobs(), 1)
  })

  test('a dry run starts nothing and counts the moves', async (t) => {
    const { url, jobs } = await unbalanced(t)
    const { post } = await serve(t, { ...settingsOf(url), AUTOSCALE_MODE: 'dry-run' })
    const answer = await post('rebalance')
    assert.deepEqual([answer.status, answer.reason, answer.moves], [200, 'dry-run', 16])
    assert.equal(await jobs(), 0)
  })

  test('slow planning of a rebalance blocks no other request to the coordinator', async (t) => {
    const { url, jobs } = await unbalanced(t)
    const { settings } = await withArm(t)
    const held = await holdingProxy(t, url, 'autoscaler.start_rebalance')
    const { post, get } = await serve(t, { ...settings, PG_CONNECTION_URL: held.proxy })
    const rebalances = Promise.all([post('rebalance'), post('rebalance'), post('rebalance')])
    await held.reached
    const [scaleOut, status] = await Promise.all([post('scale-out'), get('status')])
    assert.deepEqual([scaleOut.status, scaleOut.reason, scaleOut.warnings], [200, 'rebalance-pending', undefined])
    assert.deepEqual([status.next?.reason, status.warnings], ['rebalance-pending', []])
    held.release()
    const reasons = (await rebalances).map(({ reason }) => reason)
    assert.deepEqual(reasons.sort(), ['rebalance-running', 'rebalance-running', 'rebalancing'])
    assert.equal(await jobs(), 1)
  })

  test(`${flood} notifications at once start one job`, async (t) => {
    const { url, jobs } = await unbalanced(t)
    const { post } = await serve(t, settingsOf(url))
    const answers = await Promise.all(Array.from({ length: flood }, () => post('rebalance')))
    const counts = Map.groupBy(answers, ({ status, reason }) => `${status} ${reason}`)
    assert.deepEqual(
      [counts.get('202 rebalancing')?.length, counts.get('200 rebalance-running')?.length],
      [1, flood - 1],
    )
    assert.equal(await jobs(), 1)
  })

  test('150 notifications at once in a dry run, more than the server has connections: all get the plan', async (t) => {
    const { url, jobs } = await unbalanced(t)
    const { post } = await serve(t, { ...settingsOf(url), REBALANCE_MODE: 'dry-run' })
    const answers = await Promise.all(Array.from({ length: 150 }, () => post('rebalance')))
    assert.deepEqual(new Set(answers.map(({ reason, moves }) => `${reason} ${moves}`)), new Set(['dry-run 16']))
    assert.equal(await jobs(), 0)
  })

  test('the database refuses connections: rebalance answers citus-unavailable', async (t) => {
    const { post } = await serve(t, completeSettings)
    const answer = await post('rebalance')
    assert.deepEqual([answer.status, answer.reason], [503, 'citus-unavailable'])
    assert.match(answer.message, /out of reach: connect ECONNREFUSED/)
  })

  for (const [name, urlOf, code, message] of refusals)
    test(`${name}: both functions answer citus-refused, and nothing is deployed`, async (t) => {
      const { arm, settings } = await withArm(t)
      const { post, get } = await serve(t, { ...settings, PG_CONNECTION_URL: await urlOf(t) })
      const { status, next } = await get('status')
      assert.deepEqual([status, next?.outcome, next?.reason], [200, 'failed', 'citus-refused'])
      assert.match(next?.message ?? '', message)
      const answers = await Promise.all([
        ...['scale-out', 'rebalance'].flatMap((path) => Array.from({ length: 10 }, () => post(path))),
      ])
      for (const answer of answers) {
        assert.deepEqual([answer.status, answer.reason], [502, 'citus-refused'], answer.message)
        assert.match(answer.code ?? 'none', code)
        assert.match(answer.message, message)
        assert.doesNotMatch(answer.text, /a-wrong-word/)
      }
      assert.ok(arm.requests.every(({ method }) => method === 'GET'))
    })

  test('a read-only database: rebalance answers citus-refused', async (t) => {
    const { url, sql, jobs } = await unbalanced(t)
    await sql.unsafe(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`)
    const { post } = await serve(t, settingsOf(url))
    const answer = await post('rebalance')
    assert.deepEqual([answer.status, answer.reason], [502, 'citus-refused'])
    assert.match(answer.message, /SQLSTATE 25006/)
    assert.equal(await jobs(), 0)
  })

  test('another shard move holds the lock: rebalance answers citus-refused', async (t) => {
    const { url, jobs } = await unbalanced(t)
    const other = connect(url, { max: 1 })
    t.after(() => other.end())
    const { post } = await serve(t, settingsOf(url))
    await other.begin(async (sql) => {
      // The locks that the stand-in's rebalance takes, one for each colocation group.
      await sql`
        SELECT pg_advisory_xact_lock('citus_stand_in'::regnamespace::oid::integer, colocationid) FROM pg_dist_colocation`
      const answer = await post('rebalance')
      assert.deepEqual([answer.status, answer.reason], [502, 'citus-refused'])
      assert.match(answer.message, /could not acquire the lock required to rebalance/)
    })
    assert.equal(await jobs(), 0)
  })

  test('a rebalance that is stuck: status names the task, its error, its tries and the next one', async (t) => {
    const { url, sql } = await unbalanced(t)
    const { arm, settings } = await withArm(t)
    const { post, get } = await serve(t, { ...settings, PG_CONNECTION_URL: url })
    await sql`SELECT citus_stand_in.break_moves('the orphaned shard could not be cleaned up')`
    await post('rebalance')
    await sql`UPDATE citus_stand_in.settings SET clock_offset = '10 minutes'`
    const status = await get('status')
    assert.deepEqual([status.status, status.reason, status.next?.reason], [200, 'status', 'rebalance-pending'])
    assert.match(status.text, /"cause":"leftovers"/)
    assert.match(status.text, /"stuck":true/)
    assert.match(status.text, /orphaned shard could not be cleaned up/)
    assert.match(status.text, /"retries":[1-9]/)
    assert.match(status.text, /"nextTryAt":"20/)
    assert.equal((await post('scale-out')).reason, 'rebalance-pending')
    assert.ok(arm.requests.every(({ method }) => method === 'GET'))
  })

  const broken: [fault: Fault, status: number, reason: string, jobs: number][] = [
    ['cut-before', 503, 'citus-unavailable', 0],
    ['cut-after', 202, 'rebalancing', 1],
  ]
  for (const [fault, status, reason, jobsAfter] of broken) {
    test(`a connection that breaks at the start of a rebalance, ${fault}: ${status} ${reason}`, async (t) => {
      const { url, jobs } = await unbalanced(t)
      const { post } = await serve(t, settingsOf(await brokenProxy(t, url, 'autoscaler.start_rebalance', fault)))
      const answer = await post('rebalance')
      assert.deepEqual([answer.status, answer.reason], [status, reason], answer.message)
      assert.equal(await jobs(), jobsAfter)
      assert.equal((await post('rebalance')).reason, jobsAfter === 1 ? 'rebalance-running' : 'rebalancing')
    })
  }

  describe('a coordinator that accepts and never answers', () => {
    test('rebalance answers citus-unavailable in time', async (t) => {
      const { url, jobs } = await unbalanced(t)
      const { post } = await serve(t, settingsOf(await brokenProxy(t, url, 'autoscaler.read_preflight', 'silence')))
      const answer = await post('rebalance')
      assert.deepEqual([answer.status, answer.reason], [503, 'citus-unavailable'])
      assert.match(answer.message, /no answer within (5|4\.\d+) s/)
      assert.equal(await jobs(), 0)
    })

    test('scale-out decides without it and warns', async (t) => {
      const { url } = await unbalanced(t)
      const { settings } = await withArm(t)
      const proxy = await brokenProxy(t, url, 'autoscaler.read_cluster', 'silence')
      const { post } = await serve(t, { ...settings, PG_CONNECTION_URL: proxy })
      const { reason, warnings } = await post('scale-out')
      assert.equal(reason, 'scaling-out')
      assert.match(warnings?.[0] ?? '', /no answer within (5|4\.\d+) s/)
    })
  })
})
