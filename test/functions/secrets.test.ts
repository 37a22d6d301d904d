import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatabase } from '../database.ts'
import { redactedJson } from '../../src/functions/redact.ts'
import { withArm } from './arm.ts'
import { forEachApp } from './serve.ts'

const secrets = ['database-w0rd', 'admin-w0rd', 'first-w0rd', 'second-w0rd']

forEachApp(({ serve }) => {
  test('no answer and no log line has a secret', async (t) => {
    const { url, drop } = await createDatabase()
    t.after(drop)
    const { arm, settings } = await withArm(t)
    const database = Object.assign(new URL(url), { password: 'database-w0rd' })
    const given = {
      ...settings,
      PG_CONNECTION_URL: database.href,
      CLUSTER_ADMIN_PASSWORD: 'admin-w0rd',
      WEBHOOK_SECRETS: 'first-w0rd,second-w0rd',
    }
    const bearer = { authorization: 'Bearer first-w0rd' }
    const { post, get, log } = await serve(t, given)
    // Nothing listens there, so scale-out decides without the coordinator.
    const unreachable = await serve(t, {
      ...given,
      PG_CONNECTION_URL: 'postgres://citus:database-w0rd@127.0.0.1:1/citus',
    })
    const answers = [
      await get('status'),
      await post('scale-out', undefined, bearer),
      await post('rebalance', undefined, bearer),
      await post('scale-out', '{"alerts":"first-w0rd"}', bearer),
      await post('scale-out', undefined, { authorization: 'Bearer second-w0rdx' }),
    ]
    arm.faults.add({ on: 'put-deployment', refused: 'forbidden' }, 1)
    answers.push(
      await unreachable.post('scale-out', undefined, bearer),
      await unreachable.post('scale-out', undefined, bearer),
      await unreachable.get('status'),
    )
    assert.deepEqual(
      answers.map(({ reason }) => reason),
      [
        'status',
        'citus-refused',
        'citus-refused',
        'bad-request',
        'unauthorized',
        'azure-refused',
        'scaling-out',
        'status',
      ],
    )
    const lines = [...(await log()), ...(await unreachable.log())]
    const output = [...answers.map(({ text }) => text), ...lines].join('\n')
    assert.ok(lines.length >= answers.length)
    for (const secret of secrets) assert.ok(!output.includes(secret), `${secret} in\n${output}`)
  })
})

const redacted = redactedJson({
  PG_CONNECTION_URL: 'postgres://citus:p%40ss"word@db/citus',
  CLUSTER_ADMIN_PASSWORD: 'back\\slash',
  WEBHOOK_SECRETS: 'one-secret, another, workers, postgres',
})
const texts: [quoted: string, written: string][] = [
  ['<p%40ss"word>', '<[secret]>'],
  ['<p@ss"word>', '<[secret]>'],
  ['<back\\slash>', '<[secret]>'],
  [JSON.stringify({ password: 'back\\slash' }), '{"password":"[secret]"}'],
  ['one-secret and another', '[secret] and [secret]'],
  ['<postgres://citus:p%40ss"word@db/citus>', '<[secret]>'],
  ['x'.repeat(3_000), `${'x'.repeat(2_000)}…`],
  [`${'x'.repeat(1_995)}one-secret`, `${'x'.repeat(1_995)}[secr…`],
  ['cosmosdb-postgresql', 'cosmosdb-postgresql'],
  ['<eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.eyJvaWQiOiIxIn0.c2ln-_>', '<[token]>'],
  ['{"t":"x\\neyJ0eXAiOiJKV1QiLCJhbGciOi', '{"t":"x\\n[token]'],
  ['monkeyJungle', 'monkeyJungle'],
]
for (const [quoted, written] of texts)
  test(`${quoted.slice(-60)} is redacted to ${written.slice(-60)}`, () => {
    assert.deepEqual(JSON.parse(redacted({ message: quoted, list: [quoted] })), { message: written, list: [written] })
  })

test('a secret that equals a key of the answer does not change the key', () =>
  assert.equal(redacted({ workers: { from: 2 } }), '{"workers":{"from":2}}'))
