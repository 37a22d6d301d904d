import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '../any-text.ts'
import { isInFull } from '../in-full.ts'
import { parseConnectionUrl, verifyFull, type ConnectionUrl } from '../../src/citus/connection-url.ts'
import { tlsFor } from '../../src/citus/database.ts'

function parse(text: string): ConnectionUrl {
  const result = parseConnectionUrl(text)
  assert.ok(result.ok, result.ok ? '' : result.problem)
  return result.value
}

const plain = {
  servers: [{ host: 'db', port: 5432 }],
  user: 'ann',
  password: 'pw',
  database: 'citus',
  tls: undefined,
  targetSessionAttrs: undefined,
  parameters: {},
}

const read: [url: string, expected: Partial<ConnectionUrl>][] = [
  ['postgres://ann:pw@db/citus', {}],
  ['postgresql://ann:pw@db:5433/citus', { servers: [{ host: 'db', port: 5433 }] }],
  ['POSTGRES://ann:pw@db/citus', {}],
  ['postgres://ann:pw@10.0.0.4:6432/citus', { servers: [{ host: '10.0.0.4', port: 6432 }] }],
  ['postgres://ann:pw@[::1]/citus', { servers: [{ host: '::1', port: 5432 }] }],
  ['postgres://ann:pw@[2001:db8::7]:5433/citus', { servers: [{ host: '2001:db8::7', port: 5433 }] }],
  ['postgres://ann:pw@[::ffff:10.0.0.4]/citus', { servers: [{ host: '::ffff:10.0.0.4', port: 5432 }] }],
  [
    'postgres://ann:pw@a:5433,b,[::1]:5434/citus?target_session_attrs=read-write',
    {
      servers: [
        { host: 'a', port: 5433 },
        { host: 'b', port: 5432 },
        { host: '::1', port: 5434 },
      ],
      targetSessionAttrs: 'read-write',
    },
  ],
  ['postgres://ann:p%40%2F%3A%25%23%3F@db/citus', { password: 'p@/:%#?' }],
  ['postgres://ann%40corp:pw@db/my%20db', { user: 'ann@corp', database: 'my db' }],
  ['postgres://ann:pw@db', { database: 'ann' }],
  ['postgres://ann@db/citus', { password: '' }],
  ['postgres://ann:pw:with:colons@db/citus', { password: 'pw:with:colons' }],
  ['postgres://ann:pw@db/citus?application_name=x&search_path=y', { parameters: { application_name: 'x', search_path: 'y' } }], // prettier-ignore
  // options of libpq, which the server would refuse
  ['postgres://ann:pw@db/citus?connect_timeout=5&keepalives=1&channel_binding=require', {}],
  ['postgres://ann:pw@db/citus?sslmode=disable', { tls: { use: 'never' } }],
  ['postgres://ann:pw@db/citus?sslmode=allow', { tls: { use: 'if-offered' } }],
  ['postgres://ann:pw@db/citus?sslmode=prefer', { tls: { use: 'if-offered' } }],
  ['postgres://ann:pw@db/citus?sslmode=require', { tls: { use: 'always', verify: 'nothing' } }],
  ['postgres://ann:pw@db/citus?sslmode=verify-ca', { tls: { use: 'always', verify: 'authority' } }],
  ['postgres://ann:pw@db/citus?sslmode=verify-full', { tls: verifyFull }],
  ['postgres://ann:pw@db/citus?sslrootcert=system', { tls: verifyFull }],
  ['postgres://ann:pw@db/citus?ssl=true', { tls: verifyFull }],
  ['postgres://ann:pw@db/citus?ssl=false', { tls: { use: 'never' } }],
]
for (const [url, expected] of read)
  test(`accepted: ${url}`, () => assert.deepEqual(parse(url), { ...plain, ...expected }))

const refused: [url: string, problem: RegExp][] = [
  ['', /must be a URL such as/],
  ['host=db user=ann', /must be a URL such as/],
  ['mysql://ann:pw@db/citus', /must be a URL such as/],
  ['postgres:///citus', /must be a URL such as/],
  ['postgres://ann:pw@db:0/citus', /must be a URL such as/],
  ['postgres://ann:pw@db:65536/citus', /must be a URL such as/],
  ['postgres://ann:pw@db,/citus', /must be a URL such as/],
  ['postgres://ann:pw@::1/citus', /must be a URL such as/],
  ['postgres://ann:pw@[::1/citus', /must be a URL such as/],
  ['postgres://ann:pw@%2Fvar%2Frun/citus', /must be a URL such as/],
  ['postgres://ann:a@b@db/citus', /%40 for/],
  ['postgres://ann:100%@db/citus', /%25/],
  ['postgres://ann:pw@db/citus?sslmode=on', /an sslmode that is none of disable, allow, .*verify-full/],
  ['postgres://ann:pw@db/citus?sslmode=constructor', /an sslmode that is none of/],
  ['postgres://ann:pw@db/citus?ssl=toString', /an sslmode that is none of/],
  ['postgres://ann:pw@db/citus?sslmode=', /an sslmode that is none of/],
  ['postgres://ann:pw@db/citus?sslrootcert=/etc/ca.pem', /PG_CA_CERTIFICATE/],
]
for (const [url, problem] of refused)
  test(`refused: ${url}`, () => {
    const result = parseConnectionUrl(url)
    assert.match(result.ok ? 'accepted' : result.problem, problem)
  })

for (const [url, entraScope, expected] of [
  ['postgres://ann:pw@db/citus', undefined, verifyFull],
  ['postgres://ann:pw@10.0.0.4/citus', undefined, verifyFull],
  ['postgres://ann:pw@127.0.0.1/citus', undefined, { use: 'never' }],
  ['postgres://ann:pw@127.9.9.9/citus', undefined, { use: 'never' }],
  ['postgres://ann:pw@localhost/citus', undefined, { use: 'never' }],
  ['postgres://ann:pw@[::1]/citus', undefined, { use: 'never' }],
  ['postgres://ann:pw@127.0.0.1.example.com/citus', undefined, verifyFull],
  ['postgres://ann:pw@localhost.example.com/citus', undefined, verifyFull],
  ['postgres://ann:pw@127.0.0.1/citus?sslmode=require', undefined, { use: 'always', verify: 'nothing' }],
  ['postgres://ann@localhost/citus', 'https://token.example/.default', verifyFull],
] as const)
  test(`TLS of ${url}${entraScope ? ' with a token' : ''}`, () => {
    const value = parse(url)
    assert.deepEqual(tlsFor({ ...value, caCertificate: undefined, entraScope }, value.servers[0]), expected)
  })

test('any text is parsed without an exception, and no problem quotes it', () => {
  const part = fc.oneof(
    anyText,
    fc.constantFrom('postgres://', 'ann', ':', '@', '/', '?', '#', '%', '%zz', '[::1]', ',', 'sslmode=', '&', '5432'),
  )
  const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        text.map((rest) => `postgres://${rest}`),
      ),
      (url) => {
        const result = parseConnectionUrl(url)
        if (result.ok)
          assert.ok(result.value.servers.every(({ host, port }) => host !== '' && port > 0 && port < 65536))
        else assert.match(result.problem, knownProblem)
      },
    ),
    { numRuns: isInFull ? 5000 : 1000 },
  )
})

test('no problem quotes the password, whatever is wrong with the URL', () => {
  const secret = fc.string({
    unit: fc.constantFrom('a', 'Z', '9', '/', '?', '#', '%', '@', ':', '&', '='),
    minLength: 4,
  })
  const broken = fc.constantFrom(
    '@db/citus',
    '@db:99999/citus',
    '@/citus',
    '@db/citus?sslmode=nope',
    '@db/x?sslrootcert=f',
  )
  fc.assert(
    fc.property(secret, broken, (password, rest) => {
      const result = parseConnectionUrl(`postgres://ann:${password}${rest}`)
      if (!result.ok) assert.match(result.problem, knownProblem)
    }),
    { numRuns: isInFull ? 2000 : 500 },
  )
})

/** The only texts of problems: they are constant. */
const knownProblem =
  /^(must be a URL such as postgres:\/\/user:password@host:5432\/citus\?sslmode=verify-full, with %25, %2F, %3F, %23 and %40 for %, \/, \?, # and @ in the password|has an sslmode that is none of disable, allow, prefer, require, verify-ca, verify-full|has a file as sslrootcert: put the PEM of the authority into PG_CA_CERTIFICATE)$/

test('percent-encoded parts are decoded', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 })
  fc.assert(
    fc.property(text, text, text, fc.integer({ min: 1, max: 65535 }), (user, password, database, port) => {
      const [u, p, d] = [user, password, database].map(encodeURIComponent)
      const value = parse(`postgres://${u}:${p}@db.example.com:${port}/${d}`)
      assert.deepEqual(
        [value.user, value.password, value.database, value.servers],
        [user, password, database, [{ host: 'db.example.com', port }]],
      )
    }),
    { numRuns: isInFull ? 2000 : 500 },
  )
})
