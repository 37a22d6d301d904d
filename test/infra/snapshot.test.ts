import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as z from 'zod'
import { readSettings, settingNames } from '../../src/settings.ts'
import { copyOfInfra, skipWithoutBicep, type BicepFolder } from './bicep-cli.ts'
import { roleAssignments } from './role-assignments.ts'
import { predict, secrets, subscription, type Predicted } from './snapshot.ts'

const ofThePlatform = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AZURE_CLIENT_ID',
  'AZURE_TOKEN_CREDENTIALS',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
]
// Built-in roles, by the ids that Microsoft documents.
const roles: Record<string, string> = {
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7': 'Key Vault Secrets Officer',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  '43d0d8ad-25c7-4714-9337-8ba259a9fe05': 'Monitoring Reader',
  '73c42c96-874c-492b-b04d-ab87d138a893': 'Log Analytics Reader',
  '22926164-76b3-42b3-bc55-97df8dab3e41': 'Grafana Admin',
}

const onTheCluster = ['custom role @ DBforPostgreSQL/flexibleServers', 'custom role @ rg-orders']

const siteSchema = z.object({
  functionAppConfig: z.object({
    runtime: z.unknown(),
    siteUpdateStrategy: z.unknown(),
    scaleAndConcurrency: z.object({ alwaysReady: z.unknown() }),
  }),
})

const appSettings = (predicted: Predicted) => {
  const settings = predicted.all('Web/sites/config').find(({ name }) => name.endsWith('/appsettings'))
  assert.ok(settings, 'no app settings')
  return Object.fromEntries(Object.entries(settings.properties).map(([name, value]) => [name, String(value)]))
}

/** The app settings as the app gets them, with values for what only Azure can fill in. */
const asTheAppSeesThem = (predicted: Predicted) => {
  const vault = new Map([
    ['pg-connection-url', secrets.PG_CONNECTION_URL],
    ['webhook-secrets', secrets.WEBHOOK_SECRETS],
  ])
  const fillIn = (value: string) => {
    if (value === '[environment().resourceManager]') return 'https://management.azure.com/'
    const reference = /^@Microsoft\.KeyVault\(VaultName=(?<name>.+);SecretName=(?<secret>.+)\)$/.exec(value)?.groups
    if (!reference) return value
    const { name = '', secret = '' } = reference
    const deployed = predicted.all('KeyVault/vaults/secrets').map((resource) => resource.name)
    assert.ok(deployed.includes(`${name}/${secret}`), `${value} leads to none of ${deployed.join(', ')}`)
    return vault.get(secret) ?? ''
  }
  return Object.fromEntries(Object.entries(appSettings(predicted)).map(([name, value]) => [name, fillIn(value)]))
}

/** The role assignments, as `role @ type of the resource or name of the group`. */
const rights = (predicted: Predicted) =>
  roleAssignments(predicted)
    .map(({ scope, role }) => {
      const { type, group } =
        /\/(providers\/Microsoft\.(?<type>\w+\/\w+)\/|resourceGroups\/(?<group>[^/]+)$)/.exec(scope)?.groups ?? {}
      return `${roles[role.split('/').at(-1) ?? ''] ?? 'custom role'} @ ${type ?? group ?? scope}`
    })
    .sort()

const ofTheApp = [
  'Key Vault Secrets Officer @ KeyVault/vaults',
  'Key Vault Secrets User @ KeyVault/vaults',
  'Monitoring Metrics Publisher @ Insights/components',
  'Storage Blob Data Owner @ Storage/storageAccounts',
]

describe('what would be deployed', { skip: skipWithoutBicep }, () => {
  let infra: BicepFolder
  let fresh: Predicted
  before(async () => {
    infra = await copyOfInfra()
    fresh = await predictWithoutSecrets('new-environment')
  })
  after(() => infra.remove())

  const predictWithoutSecrets = async (name: string, scope?: string[]) => {
    const predicted = await predict(infra, name, scope)
    for (const [variable, secret] of Object.entries(secrets))
      assert.ok(!predicted.text.includes(secret), `${name}: ${variable} is in the deployment in plain text`)
    return predicted
  }

  test('in a new environment: identities instead of keys, and the settings of the contract', () => {
    const predicted = fresh
    assert.deepEqual(Object.keys(appSettings(predicted)).sort(), [...settingNames, ...ofThePlatform].sort())
    const required = {
      CLUSTER_KIND: 'elastic-cluster',
      CLUSTER_NAME: 'orders',
      AZURE_SUBSCRIPTION_ID: subscription.replace('/subscriptions/', ''),
      AZURE_RESOURCE_GROUP: 'rg-orders',
      PG_CONNECTION_URL: secrets.PG_CONNECTION_URL,
      WEBHOOK_SECRETS: secrets.WEBHOOK_SECRETS,
    }
    assert.deepEqual(readSettings(asTheAppSeesThem(predicted)), readSettings(required), "the defaults are the app's")

    assert.equal(predicted.only('Storage/storageAccounts').properties.allowSharedKeyAccess, false)
    assert.equal(predicted.only('Insights/components').properties.DisableLocalAuth, true)
    assert.equal(predicted.only('KeyVault/vaults').properties.enableRbacAuthorization, true)
    const [audited] = predicted.only('Insights/diagnosticSettings').id.split('/providers/Microsoft.Insights/')
    assert.equal(audited, predicted.only('KeyVault/vaults').id)
    for (const { name, properties } of predicted.all('Web/sites/basicPublishingCredentialsPolicies'))
      assert.equal(properties.allow, false, name)
    assert.deepEqual(rights(predicted), [...ofTheApp, ...onTheCluster].sort())

    const { functionAppConfig } = siteSchema.parse(predicted.only('Web/sites').properties)
    const { runtime, scaleAndConcurrency, siteUpdateStrategy } = functionAppConfig
    assert.deepEqual(siteUpdateStrategy, { type: 'RollingUpdate' })
    assert.deepEqual(runtime, { name: 'node', version: '24' })
    assert.deepEqual(scaleAndConcurrency.alwaysReady, [{ name: 'http', instanceCount: 1 }])
    for (const type of ['Network/virtualNetworks', 'Dashboard/grafana']) assert.deepEqual(predicted.all(type), [])
  })

  test('the app names a Key Vault reference that does not resolve', () => {
    const result = readSettings(appSettings(fresh))
    assert.ok(!result.ok)
    const unresolved = result.problems.filter((problem) => problem.includes('Key Vault reference that did not resolve'))
    assert.deepEqual(unresolved.map((problem) => problem.split(' ')[0]).sort(), [
      'PG_CONNECTION_URL',
      'WEBHOOK_SECRETS',
    ])
  })

  test('for a cluster in another subscription: only roles and a lock there', async () => {
    const predicted = await predictWithoutSecrets('other-subscription')
    const group = '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-orders'
    const there = [...predicted.text.matchAll(/"id": "(?<id>.*22222222-2222-2222-2222-222222222222.*)"/g)]
    assert.equal(there.length, 5, 'not exactly two roles, their assignments, and the lock')
    for (const { id, properties } of predicted.all('Authorization/roleDefinitions')) {
      assert.ok(id.startsWith(`${group}/providers/`), id)
      assert.deepEqual(properties.assignableScopes, [group])
    }

    const lock = predicted.only('Authorization/locks')
    assert.ok(
      lock.id.startsWith(`${group}/providers/Microsoft.DBforPostgreSQL/serverGroupsv2/orders/providers/`),
      lock.id,
    )
    assert.equal(lock.properties.level, 'CanNotDelete')
    assert.deepEqual(fresh.all('Authorization/locks'), [], 'a lock that was not requested')

    const settings = appSettings(predicted)
    assert.equal(settings.AZURE_SUBSCRIPTION_ID, '22222222-2222-2222-2222-222222222222')
    assert.equal(settings.AUTOSCALE_MODE, 'dry-run')
    assert.match(settings.CLUSTER_ADMIN_PASSWORD ?? '', /secretReference\(.*'cluster-admin-password'\)/)
  })

  test("with Grafana: it reads the metrics of the cluster's group and the app's log, and the deployer runs it", async () => {
    const predicted = await predictWithoutSecrets('with-grafana')
    const more = [
      'Grafana Admin @ Dashboard/grafana',
      'Log Analytics Reader @ OperationalInsights/workspaces',
      'Monitoring Reader @ rg-orders',
    ]
    assert.deepEqual(rights(predicted), [...ofTheApp, ...more, ...onTheCluster].sort())
    assert.equal(predicted.only('Dashboard/grafana').properties.apiKey, 'Disabled')
  })

  test('the options for PostgreSQL, Node and always-ready instances reach the app', async () => {
    const predicted = await predictWithoutSecrets('private-network')
    assert.equal(appSettings(predicted).PG_AUTHENTICATION, 'entra')
    const { functionAppConfig } = siteSchema.parse(predicted.only('Web/sites').properties)
    assert.deepEqual(functionAppConfig.runtime, { name: 'node', version: '22' })
    assert.deepEqual(functionAppConfig.scaleAndConcurrency.alwaysReady, [])
  })

  test('for kind citus: no rights in Azure except on the resources of the app', async () => {
    const predicted = await predictWithoutSecrets('own-servers')
    assert.deepEqual(rights(predicted), ofTheApp)
    for (const type of ['Authorization/roleDefinitions', 'Authorization/locks', 'Insights/metricAlerts'])
      assert.deepEqual(predicted.all(type), [])
    const result = readSettings(asTheAppSeesThem(predicted))
    assert.ok(result.ok, JSON.stringify(result))
    assert.deepEqual(result.settings.cluster, {
      CLUSTER_KIND: 'citus',
      CITUS_WORKER_POOL: [
        { host: '10.0.0.5', port: 5432 },
        { host: '10.0.0.6', port: 5432 },
      ],
    })
  })

  test('for a trial cluster: elastic, two nodes, and its password not in plain text', async () => {
    const predicted = await predictWithoutSecrets('trial-cluster', ['--resource-group', 'rg-trial'])
    const { cluster, version } = predicted.only('DBforPostgreSQL/flexibleServers').properties
    assert.deepEqual({ cluster, version }, { cluster: { clusterSize: 2 }, version: '17' })
  })
})
