import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatabase } from '../database.ts'
import { redactor } from '../../src/functions/redact.ts'
import { withArm } from './arm.ts'
import { serve } from './serve.ts'

const secrets = ['database-w0rd', 'admin-w0rd', 'first-w0rd', 'second-w0rd']

test('no secret is in an answer or in the log, whatever happens', async (t) => {
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
  const answers = [
    await get('status'),
    await post('rebalance', undefined, bearer),
    await post('scale-out', '{"alerts":"first-w0rd"}', bearer),
    await post('scale-out', undefined, { authorization: 'Bearer second-w0rdx' }),
  ]
  arm.faults.add({ on: 'put-deployment', refused: 'forbidden' }, 1)
  answers.push(await post('scale-out', undefined, bearer), await post('scale-out', undefined, bearer))
  assert.deepEqual(
    answers.map(({ reason }) => reason),
    ['scaling-out', 'citus-refused', 'bad-request', 'unauthorized', 'azure-refused', 'scaling-out'],
  )
  const output = [...answers.map(({ text }) => text), ...log].join('\n')
  assert.ok(log.length >= answers.length)
  for (const secret of secrets) assert.ok(!output.includes(secret), `${secret} in\n${output}`)
})

test('what an upstream quotes is taken out, as it is written in JSON too', () => {
  const redact = redactor({
    PG_CONNECTION_URL: 'postgres://citus:p%40ss"word@db/citus',
    CLUSTER_ADMIN_PASSWORD: 'back\\slash',
    WEBHOOK_SECRETS: 'one-secret, another',
  })
  const quoted = [
    'p%40ss"word',
    'p@ss"word',
    'back\\slash',
    'one-secret',
    'another',
    'postgres://citus:p%40ss"word@db/citus',
  ]
  for (const text of quoted) assert.equal(redact(JSON.stringify({ text: `<${text}>` })), '{"text":"<[secret]>"}')
  assert.equal(redact('{"reason":"paused"}'), '{"reason":"paused"}')
})
