import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rootCertificates } from 'node:tls'
import { readSettings, settingNames } from '../src/settings.ts'

const azure = {
  CLUSTER_NAME: 'demo',
  AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000001',
  AZURE_RESOURCE_GROUP: 'rg',
  PG_CONNECTION_URL: 'postgres://citus:secret-word@db:5432/citus',
}

function problemsOf(environment: Record<string, string | undefined>): string[] {
  const read = readSettings(environment)
  return read.ok ? [] : read.problems
}

test('a setting that is not set has the default of the contract', () => {
  const read = readSettings(azure)
  assert.ok(read.ok)
  const { cluster, ...common } = read.settings
  assert.deepEqual(common, {
    AUTOSCALE_MODE: 'on',
    CLUSTER_NAME: 'demo',
    SCALE_OUT_TARGET_CPU_PERCENT: 65,
    SCALE_OUT_CPU_REF_ID: 'cpu_percent',
    SCALE_OUT_STEP: 1,
    SCALE_OUT_MAX_STEP: 4,
    SCALE_OUT_MAX_WORKERS: 20,
    SCALE_OUT_COOLDOWN_MINUTES: 15,
    REBALANCE_STRATEGY: 'by_shard_count',
    REBALANCE_SHARD_TRANSFER_MODE: 'block_writes',
    WEBHOOK_SECRETS: [],
    WEBHOOK_TOLERANCE_SECONDS: 300,
    database: {
      servers: [{ host: 'db', port: 5432 }],
      user: 'citus',
      password: 'secret-word',
      database: 'citus',
      tls: undefined, // used and verified, except for a loopback address
      targetSessionAttrs: undefined,
      parameters: {},
      caCertificate: undefined,
      entraScope: undefined,
    },
  })
  assert.deepEqual(cluster, {
    CLUSTER_KIND: 'cosmosdb-postgresql',
    AZURE_SUBSCRIPTION_ID: azure.AZURE_SUBSCRIPTION_ID,
    AZURE_RESOURCE_GROUP: 'rg',
    AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://management.azure.com',
  })
})

test('an empty setting counts as not set', () => {
  assert.deepEqual(problemsOf({ ...azure, SCALE_OUT_STEP: '', WEBHOOK_SECRETS: ' ' }), [])
  assert.deepEqual(problemsOf({ ...azure, CLUSTER_NAME: '' }), ['CLUSTER_NAME is missing'])
})

test('all problems are named at once', () => {
  assert.deepEqual(problemsOf({ AUTOSCALE_MODE: 'off', SCALE_OUT_STEP: 'many' }), [
    'AUTOSCALE_MODE must be one of on, dry-run, paused',
    'CLUSTER_NAME is missing',
    'PG_CONNECTION_URL is missing',
    'SCALE_OUT_STEP must be a whole number from 1 to 100',
    'AZURE_SUBSCRIPTION_ID is missing',
    'AZURE_RESOURCE_GROUP is missing',
  ])
})

const wrong: [name: string, value: string, problem: RegExp][] = [
  ['AUTOSCALE_MODE', 'On', /must be one of on, dry-run, paused/],
  ['CLUSTER_KIND', 'mysql', /must be one of cosmosdb-postgresql, elastic-cluster, citus/],
  ['CLUSTER_NAME', 'a/b', /letters, digits/],
  ['AZURE_RESOURCE_GROUP', '../x', /resource group/],
  ['AZURE_RESOURCE_MANAGER_ENDPOINT', 'http://management.azure.com', /loopback/],
  ['AZURE_RESOURCE_MANAGER_ENDPOINT', 'http://127.0.0.1.example.com', /loopback/],
  ['AZURE_RESOURCE_MANAGER_ENDPOINT', 'management.azure.com', /https/],
  ['PG_CONNECTION_URL', 'mysql://db', /postgres:/],
  ['PG_CONNECTION_URL', 'postgres:///citus', /postgres:/],
  ['PG_CONNECTION_URL', 'postgres://citus:100%@db:5432/citus', /%25/],
  ['PG_CONNECTION_URL', 'postgres://citus:one/two@db:5432/citus', /%2F/],
  ['PG_CONNECTION_URL', 'postgres://citus:2024#secret@db:5432/citus', /%23/],
  ['PG_CONNECTION_URL', 'postgres://citus:12?w@db:5432/citus', /%3F/],
  [
    'PG_CONNECTION_URL',
    '@Microsoft.KeyVault(SecretUri=https://v.example/secrets/s/)',
    /Key Vault reference that did not resolve/,
  ],
  ['WEBHOOK_SECRETS', '@Microsoft.KeyVault(VaultName=v;SecretName=s)', /Key Vault reference that did not resolve/],
  ['SCALE_OUT_TARGET_CPU_PERCENT', '0', /from 1 to 100/],
  ['SCALE_OUT_TARGET_CPU_PERCENT', '1e2', /whole number/],
  ['SCALE_OUT_MAX_WORKERS', '-1', /whole number/],
  ['SCALE_OUT_COOLDOWN_MINUTES', '1.5', /whole number/],
  ['REBALANCE_STRATEGY', "x', true) --", /name of a strategy/],
  ['REBALANCE_SHARD_TRANSFER_MODE', 'blocking', /auto, force_logical, block_writes/],
  ['WEBHOOK_SECRETS', 'one,,two', /commas/],
  ['REBALANCE_MODE', 'off', /must be one of on, dry-run, paused/],
  ['PG_AUTHENTICATION', 'kerberos', /must be one of password, entra/],
  ['PG_CA_CERTIFICATE', '/etc/ssl/ca.pem', /must be the PEM of a certificate/],
  ['PG_CA_CERTIFICATE', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', /must be the PEM/],
  ['PG_CONNECTION_URL', 'postgres://citus:secret-word@db/citus?sslmode=on', /sslmode that is none of/],
  ['PG_CONNECTION_URL', 'postgres://citus:secret-word@db/citus?sslrootcert=/ca.pem', /PG_CA_CERTIFICATE/],
]

for (const [name, value, problem] of wrong) {
  test(`${name}=${value} is refused by name, and its value is not shown`, () => {
    const [first = '', ...others] = problemsOf({ ...azure, [name]: value })
    assert.ok(first.startsWith(`${name} `), first)
    assert.match(first, problem)
    assert.deepEqual(others, [])
    assert.ok(value.length < 5 || !first.includes(value), first)
  })
}

for (const mode of ['on', 'dry-run', 'paused'])
  test(`REBALANCE_MODE=${mode} is independent of AUTOSCALE_MODE`, () => {
    const read = readSettings({ ...azure, REBALANCE_MODE: mode })
    assert.deepEqual(read.ok && [read.settings.REBALANCE_MODE, read.settings.AUTOSCALE_MODE], [mode, 'on'])
  })

test('a certificate may have line breaks, or \\n instead of them', () => {
  const [pem = ''] = rootCertificates
  for (const given of [pem, pem.replaceAll('\n', '\\n')]) {
    const read = readSettings({ ...azure, PG_CA_CERTIFICATE: given })
    assert.equal(read.ok && read.settings.database.caCertificate, pem)
  }
})

const withoutPassword = { ...azure, PG_AUTHENTICATION: 'entra', PG_CONNECTION_URL: 'postgres://app@db:5432/citus' }
const entraScopes = {
  'cosmosdb-postgresql': 'https://token.postgres.cosmos.azure.com/.default',
  'elastic-cluster': 'https://ossrdbms-aad.database.windows.net/.default',
}
for (const [kind, scope] of Object.entries(entraScopes))
  test(`${kind}: the identity signs in with a token for ${scope}`, () => {
    const read = readSettings({ ...withoutPassword, CLUSTER_KIND: kind })
    assert.equal(read.ok && read.settings.database.entraScope, scope)
  })

const notEntra: [name: string, change: Record<string, string>, problem: RegExp][] = [
  ['a password', { PG_CONNECTION_URL: azure.PG_CONNECTION_URL }, /^PG_CONNECTION_URL must hold no password/],
  ...['disable', 'allow', 'prefer'].map((mode): [string, Record<string, string>, RegExp] => [
    `sslmode=${mode}`,
    { PG_CONNECTION_URL: `postgres://app@db/citus?sslmode=${mode}` },
    /^PG_CONNECTION_URL must not turn TLS off/,
  ]),
  [
    'kind citus',
    { CLUSTER_KIND: 'citus', CITUS_WORKER_POOL: 'w3:5432' },
    /^PG_AUTHENTICATION can be entra only where Azure runs the database/,
  ],
]
for (const [name, change, problem] of notEntra)
  test(`PG_AUTHENTICATION=entra is refused with ${name}`, () => {
    const [first = '', ...others] = problemsOf({ ...withoutPassword, ...change })
    assert.match(first, problem)
    assert.ok(!first.includes('secret-word'))
    assert.deepEqual(others, [])
  })

for (const mode of ['require', 'verify-ca', 'verify-full'])
  test(`PG_AUTHENTICATION=entra is accepted with sslmode=${mode}`, () => {
    const PG_CONNECTION_URL = `postgres://app@db/citus?sslmode=${mode}`
    assert.deepEqual(problemsOf({ ...withoutPassword, PG_CONNECTION_URL }), [])
  })

test('problems of PG_AUTHENTICATION are named beside others, and with an unknown kind those of every setting', () => {
  const named = (given: Record<string, string>) => problemsOf(given).map((problem) => problem.split(' ')[0])
  assert.deepEqual(
    named({
      CLUSTER_KIND: 'citus',
      PG_AUTHENTICATION: 'entra',
      PG_CONNECTION_URL: 'postgres://app:secret-word@db/citus?sslmode=disable',
      SCALE_OUT_STEP: 'one',
    }).sort(),
    [
      'CITUS_WORKER_POOL',
      'CLUSTER_NAME',
      'PG_AUTHENTICATION',
      'PG_CONNECTION_URL',
      'PG_CONNECTION_URL',
      'SCALE_OUT_STEP',
    ],
  )
  const wrong = { AZURE_RESOURCE_GROUP: 'a/b', AZURE_RESOURCE_MANAGER_ENDPOINT: 'ftp://x', CITUS_WORKER_POOL: 'w3' }
  assert.deepEqual(named({ ...azure, CLUSTER_KIND: 'something', ...wrong }).sort(), [
    'AZURE_RESOURCE_GROUP',
    'AZURE_RESOURCE_MANAGER_ENDPOINT',
    'CITUS_WORKER_POOL',
    'CLUSTER_KIND',
  ])
})

test('kind citus requires CITUS_WORKER_POOL and no Azure settings', () => {
  const { PG_CONNECTION_URL } = azure
  assert.deepEqual(problemsOf({ CLUSTER_KIND: 'citus', CLUSTER_NAME: 'demo', PG_CONNECTION_URL }), [
    'CITUS_WORKER_POOL is missing',
  ])
  const read = readSettings({
    CLUSTER_KIND: 'citus',
    CLUSTER_NAME: 'demo',
    PG_CONNECTION_URL,
    CITUS_WORKER_POOL: 'w3:5432, [::1]:5433',
  })
  assert.deepEqual(read.ok && read.settings.cluster, {
    CLUSTER_KIND: 'citus',
    CITUS_WORKER_POOL: [
      { host: 'w3', port: 5432 },
      { host: '::1', port: 5433 },
    ],
  })
})

test('the problems of a pool name the entries that are not servers', () => {
  const { PG_CONNECTION_URL } = azure
  const given = {
    CLUSTER_KIND: 'citus',
    CLUSTER_NAME: 'demo',
    PG_CONNECTION_URL,
    CITUS_WORKER_POOL: 'w3:5432,w4,w5:99999,w3:5432',
  }
  assert.deepEqual(problemsOf(given), [
    'CITUS_WORKER_POOL must be host:port,…; entry 2 is not',
    'CITUS_WORKER_POOL must be host:port,…; entry 3 is not',
    'CITUS_WORKER_POOL must name each server once; entry 4 repeats an earlier one',
  ])
})

test('a slash at the end of the endpoint is removed', () => {
  const read = readSettings({ ...azure, AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://management.usgovcloudapi.net/' })
  const cluster = read.ok ? read.settings.cluster : undefined
  assert.equal(
    cluster && 'AZURE_RESOURCE_MANAGER_ENDPOINT' in cluster && cluster.AZURE_RESOURCE_MANAGER_ENDPOINT,
    'https://management.usgovcloudapi.net',
  )
})

test('settingNames lists each setting once', () => {
  assert.equal(new Set(settingNames).size, settingNames.length)
  assert.ok(settingNames.includes('CLUSTER_KIND') && settingNames.includes('CITUS_WORKER_POOL'))
})
