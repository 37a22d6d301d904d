import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { runFile, testOnCluster } from '../citus/clusters.ts'
import { asNewRole } from '../citus/new-role.ts'
import { balanced, unbalanced } from '../citus/unbalanced.ts'
import { acceptedDeployments, withArm } from './arm.ts'
import { forEachApp, type App } from './serve.ts'

type Schema = { name: string; statement: string; named: RegExp }

// Version 1 had views, no functions for the app, and other roles (commit 42140a0).
const wrong: Schema[] = [
  { name: 'does not exist', statement: 'DROP SCHEMA autoscaler CASCADE', named: /sql\/01-autoscaler\.sql/ },
  {
    name: 'has no functions',
    statement: `DO $$ BEGIN EXECUTE (
      SELECT 'DROP FUNCTION ' || string_agg(oid::regprocedure::text, ', ') || ' CASCADE' FROM pg_proc
      WHERE pronamespace = 'autoscaler'::regnamespace); END $$`,
    named: /sql\/01-autoscaler\.sql/,
  },
  {
    name: 'has a lower version',
    statement: `CREATE OR REPLACE FUNCTION autoscaler.version() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1'`,
    named: /older than this app: run sql\/01-autoscaler\.sql and sql\/02-roles\.sql/,
  },
  {
    name: 'returns another shape',
    statement: `CREATE OR REPLACE FUNCTION autoscaler.read_cluster(strategy name) RETURNS json LANGUAGE sql AS $$ SELECT '{"version":9}'::json $$`,
    named:
      /returned a value that this app does not expect.*run sql\/01-autoscaler\.sql and sql\/02-roles\.sql of the same version/,
  },
]

async function refuses(t: TestContext, { serve }: App, url: string, named: RegExp) {
  const { arm, settings } = await withArm(t)
  const { post, get } = await serve(t, { ...settings, PG_CONNECTION_URL: url })
  for (const path of ['scale-out', 'rebalance']) {
    const answer = await post(path)
    assert.deepEqual([answer.status, answer.reason], [502, 'citus-refused'], answer.message)
    assert.match(answer.message, named)
  }
  const { next } = await get('status')
  assert.deepEqual([next?.outcome, next?.reason], ['failed', 'citus-refused'])
  assert.match(next?.message ?? '', named)
  assert.equal(acceptedDeployments(arm), 0)
}

forEachApp((app) => {
  const { serve } = app
  for (const { name, statement, named } of wrong)
    testOnCluster(`a schema that ${name} is refused, and the file to run is named`, async ({ url, sql }, t) => {
      await sql.unsafe(statement)
      await refuses(t, app, url, named)
      await runFile(url, '01-autoscaler')
    })

  test('a role without rights is refused, and the file that grants them is named', async (t) => {
    const { url } = await unbalanced(t)
    await refuses(t, app, await asNewRole(t, url, ''), /42501.*sql\/02-roles\.sql/)
  })

  test('a role that may read but not start is refused, and the file that grants the rights is named', async (t) => {
    const { url } = await unbalanced(t)
    const grant = (role: string) =>
      `GRANT USAGE ON SCHEMA autoscaler TO ${role};
       GRANT EXECUTE ON FUNCTION autoscaler.read_cluster(name), autoscaler.read_preflight() TO ${role}`
    const { settings } = await withArm(t)
    const { post } = await serve(t, { ...settings, PG_CONNECTION_URL: await asNewRole(t, url, '', grant) })
    for (const path of ['rebalance', 'scale-out']) {
      const answer = await post(path)
      assert.deepEqual([answer.status, answer.reason], [502, 'citus-refused'], answer.message)
      assert.match(answer.message, /42501.*sql\/02-roles\.sql/)
    }
  })

  const histories: [name: string, statement: string, warning: RegExp][] = [
    ['does not exist', 'DROP TABLE public.worker_count', /worker_count does not exist: run sql\/01-autoscaler\.sql/],
    [
      'has stopped',
      "UPDATE public.worker_count SET created_at = now() - interval '10 minutes'",
      /worker_count has stopped.*cron\.job_run_details/,
    ],
  ]
  for (const [name, statement, warning] of histories)
    test(`a history that ${name} is only a warning for the Azure kinds`, async (t) => {
      const { url, sql } = await balanced(t)
      await sql.unsafe(statement)
      const { settings } = await withArm(t)
      const { post, get } = await serve(t, { ...settings, PG_CONNECTION_URL: url })
      const answers = [await get('status'), await post('rebalance'), await post('scale-out')]
      assert.deepEqual(
        answers.map(({ reason }) => reason),
        ['status', 'balanced', 'scaling-out'],
      )
      for (const { warnings } of answers) assert.match(warnings?.join() ?? '', warning)
    })

  test('a read-only coordinator: status and both dry runs warn, and a rebalance is refused', async (t) => {
    const { url, sql } = await unbalanced(t)
    await sql.unsafe(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`)
    const { settings } = await withArm(t)
    const on = await serve(t, { ...settings, PG_CONNECTION_URL: url })
    const dry = await serve(t, { ...settings, PG_CONNECTION_URL: url, AUTOSCALE_MODE: 'dry-run' })
    const answers = [
      await on.get('status'),
      await dry.get('status'),
      await dry.post('rebalance'),
      await dry.post('scale-out'),
    ]
    for (const { warnings } of answers)
      assert.match(warnings?.join() ?? '', /takes no writes: its disk is full, or it is a replica/)
    assert.deepEqual([answers[2]?.reason, answers[2]?.moves], ['dry-run', 16])
    const refused = await on.post('rebalance')
    assert.deepEqual([refused.status, refused.reason, refused.code], [502, 'citus-refused', '25006'])
  })
})
