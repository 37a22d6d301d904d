import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as z from 'zod'
import { closeDatabase } from '../../src/citus/connection.ts'
import { functionTable } from '../../src/functions/function-table.ts'
import { startFunctionsHost } from '../../src/local/functions-host.ts'
import type { ArmEmulator } from '../../src/local/arm/start-arm-emulator.ts'
import { clusterName, deployment, withArm } from '../functions/arm.ts'
import { elasticCluster } from '../local/arm/setup.ts'
import { readPayload } from '../payloads/read-payload.ts'
import { copyOfInfra, skipWithoutBicep, type BicepFolder } from './bicep-cli.ts'
import { allows, matches, permissions } from './role-assignments.ts'
import { predict, subscription, type Predicted } from './snapshot.ts'

const here = `${subscription}/resourceGroups/rg-orders`
const there = '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-orders'

const kinds = [
  {
    kind: 'cosmosdb-postgresql',
    parameters: 'other-subscription',
    group: there,
    type: 'serverGroupsv2',
    resource: undefined,
  },
  {
    kind: 'elastic-cluster',
    parameters: 'new-environment',
    group: here,
    type: 'flexibleServers',
    resource: { ...elasticCluster, name: clusterName },
  },
]

// Azure refuses a role with an action, with or without wildcards, that matches no registered operation (InvalidActionOrNotAction).
// The relevant ones of https://learn.microsoft.com/azure/role-based-access-control/permissions/databases and …/management-and-governance:
const registered = [
  ...['read', 'write', 'delete'].map(
    (verb) => `Microsoft.DBforPostgreSQL/serverGroupsv2/privateEndpointConnections/${verb}`,
  ),
  ...['read', 'write', 'delete'].map((verb) => `Microsoft.DBforPostgreSQL/flexibleServers/${verb}`),
  ...['read', 'write', 'delete', 'validate/action', 'operationstatuses/read'].map(
    (verb) => `Microsoft.Resources/deployments/${verb}`,
  ),
]

const verbs: Record<string, string> = { GET: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete', POST: 'action' }

/** The action that ARM checks for a request, and its resource, with the names of this test's cluster and group. */
function needOf(group: string, method: string, path: string) {
  const [, name = ''] = path.split('/providers/')
  const [provider = '', ...pairs] = name.split('/')
  const types = pairs.filter((_, index) => index % 2 === 0)
  const resource = `${group}/providers/${name}`.replace(new RegExp(`/${clusterName}$`), '/orders')
  return { action: [provider, ...types, verbs[method] ?? method].join('/'), resource }
}

const recordSchema = z.object({ properties: z.object({ outputResources: z.array(z.object({ id: z.string() })) }) })

/** What the app needs: its own requests, and to write what its template writes. */
const needsOf = (group: string, arm: ArmEmulator) => [
  ...arm.requests.map(({ method, path }) => needOf(group, method, path)),
  ...recordSchema
    .parse(arm.deployment(deployment))
    .properties.outputResources.map(({ id }) => needOf(group, 'PUT', id)),
]

describe('the rights of the app', { skip: skipWithoutBicep }, () => {
  let infra: BicepFolder
  before(async () => {
    infra = await copyOfInfra()
  })
  after(() => infra.remove())

  for (const { kind, parameters, group, type, resource } of kinds) {
    const provider = `Microsoft.DBforPostgreSQL/${type}`

    test(`${kind}: allow the requests of the app to ARM, and nothing else on the cluster`, async (t) => {
      const { arm, settings } = await withArm(t, { provisioningSeconds: 0, ...(resource && { resource }) })
      const environment = { ...settings, CLUSTER_KIND: kind }
      const table = functionTable({ environment, now: () => new Date() })
      const host = await startFunctionsHost(table, { port: 0, onLog: () => undefined })
      t.after(async () => {
        await host.close()
        await closeDatabase()
      })
      const headers = { 'content-type': 'application/json' }
      const scaleOut = () =>
        fetch(`${host.url}/api/scale-out`, { method: 'POST', headers, body: readPayload('grafana-firing') })
      assert.equal((await scaleOut()).status, 202)
      await arm.settled()
      assert.equal((await scaleOut()).status, 200)
      assert.equal((await fetch(`${host.url}/api/status`)).status, 200)
      const predicted = await predict(infra, parameters)
      const needs = needsOf(group, arm)
      const actions = new Set(needs.map(({ action }) => action.toLowerCase()))
      assert.deepEqual(
        [...actions].sort(),
        [
          `${provider}/read`,
          `${provider}/write`,
          'Microsoft.Resources/deployments/operationStatuses/read',
          'Microsoft.Resources/deployments/read',
          'Microsoft.Resources/deployments/write',
        ].map((action) => action.toLowerCase()),
      )
      for (const { action, resource } of needs)
        assert.ok(allows(predicted, action, resource), `${action} is not allowed on ${resource}`)
      refuses(predicted, group, provider)
      const patterns = [...permissions(predicted).values()].flatMap(({ actions, notActions }) => [
        ...actions,
        ...notActions,
      ])
      for (const pattern of patterns)
        assert.ok(
          registered.some((action) => matches(pattern, action)),
          `${pattern} matches no registered operation`,
        )
    })
  }

  function refuses(predicted: Predicted, group: string, provider: string) {
    const cluster = `${group}/providers/${provider}/orders`
    const child = (name: string) => [`${provider}/${name}/write`, `${provider}/${name}/delete`]
    const children = ['firewallRules', 'roles', 'administrators', 'privateEndpointConnections', 'configurations']
    const operations = ['restart', 'start', 'stop', 'promote', 'privateEndpointConnectionsApproval']
    const never = [
      `${provider}/delete`,
      ...children.flatMap(child),
      ...operations.map((operation) => `${provider}/${operation}/action`),
      'Microsoft.Authorization/roleAssignments/write',
      'Microsoft.Authorization/locks/delete',
    ]
    for (const action of never) assert.ok(!allows(predicted, action, cluster), `${action} is allowed on ${cluster}`)
    for (const elsewhere of [group, cluster.replace(/orders$/, 'orders-2')])
      for (const verb of ['read', 'write', 'delete'])
        assert.ok(!allows(predicted, `${provider}/${verb}`, elsewhere), `${verb} is allowed on ${elsewhere}`)
  }
})
