import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sign } from '../../src/webhook/signature.ts'
import { isAuthentic, type SignedRequest } from './is-authentic.ts'

const body = new TextEncoder().encode('{"alerts":[]}')
const now = new Date('2026-11-22T20:00:00Z')
const timestamp = String(now.getTime() / 1000)
const secrets = ['new secret', 'old secret']
const unsigned: SignedRequest = { authorization: undefined, signature: undefined, timestamp: undefined, body }
const signed = (secret: string, at = timestamp, text = body) => ({
  ...unsigned,
  signature: sign(secret, at, text),
  timestamp: at,
})

test('the signature is the one of Grafana: HMAC-SHA256 of timestamp, colon and body, in lowercase hex', () => {
  // echo -n '1795377600:{"alerts":[]}' | openssl dgst -sha256 -hmac 'new secret'
  assert.equal(
    sign('new secret', '1795377600', body),
    '683f2ab5e5a41e277d923b0433ab13723f76a54fef45fe62b060195cc01af93e',
  )
})

const seconds = (offset: number) => String(now.getTime() / 1000 + offset)
const good = signed('new secret')
const cases: [name: string, request: SignedRequest, authentic: boolean][] = [
  ['signed with the first secret', good, true],
  ['signed with the second secret, as during a rotation', signed('old secret'), true],
  ['signed with an unknown secret', signed('wrong secret'), false],
  ['an altered body', { ...good, body: new TextEncoder().encode('{"alerts":[1]}') }, false],
  ['an altered timestamp', { ...good, timestamp: seconds(1) }, false],
  ['no timestamp', { ...good, timestamp: undefined }, false],
  ['no signature', { ...good, signature: undefined }, false],
  ['upper-case hex', { ...good, signature: good.signature.toUpperCase() }, false],
  ['a signature cut short', { ...good, signature: good.signature.slice(0, 32) }, false],
  ['at the end of the tolerance', signed('new secret', seconds(-300)), true],
  ['replayed after the tolerance', signed('new secret', seconds(-301)), false],
  ['too far in the future', signed('new secret', seconds(301)), false],
  ['a timestamp that is not a number', signed('new secret', '2026-11-22T20:00:00Z'), false],
  ['a timestamp with a fraction', signed('new secret', `${timestamp}.0`), false],
  ['the bearer secret', { ...unsigned, authorization: 'Bearer old secret' }, true],
  ['the bearer scheme in lower case', { ...unsigned, authorization: 'bearer new secret' }, true],
  ['a wrong bearer secret', { ...unsigned, authorization: 'Bearer wrong' }, false],
  ['another scheme', { ...unsigned, authorization: 'Basic new secret' }, false],
  ['an empty bearer', { ...unsigned, authorization: 'Bearer ' }, false],
  ['neither signature nor bearer secret', unsigned, false],
]
for (const [name, request, authentic] of cases)
  test(name, () => assert.equal(isAuthentic(request, { secrets, toleranceSeconds: 300 }, now), authentic))
