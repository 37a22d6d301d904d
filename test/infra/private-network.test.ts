import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as z from 'zod'
import { copyOfInfra, skipWithoutBicep, type BicepFolder } from './bicep-cli.ts'
import { predict, subscription, type Predicted } from './snapshot.ts'

// The types that can be reached from the Internet, and the property that allows it.
const withPublicSide: Record<string, string> = {
  'Dashboard/grafana': 'publicNetworkAccess',
  'KeyVault/vaults': 'publicNetworkAccess',
  'Storage/storageAccounts': 'publicNetworkAccess',
  'Web/sites': 'publicNetworkAccess',
}
// Telemetry uses the shared addresses of Azure Monitor; sending and reading it needs an identity with a role.
const shared = ['Insights/components', 'OperationalInsights/workspaces']
const withoutPublicSide = [
  'Authorization/roleAssignments',
  'Authorization/roleDefinitions',
  'Insights/diagnosticSettings',
  'KeyVault/vaults/secrets',
  'ManagedIdentity/userAssignedIdentities',
  'Network/privateDnsZones',
  'Network/privateDnsZones/virtualNetworkLinks',
  'Network/privateEndpoints',
  'Network/privateEndpoints/privateDnsZoneGroups',
  'Network/virtualNetworks',
  'Network/virtualNetworks/subnets',
  'Resources/resourceGroups',
  'Storage/storageAccounts/blobServices',
  'Storage/storageAccounts/blobServices/containers',
  'Web/serverfarms',
  'Web/sites/basicPublishingCredentialsPolicies',
  'Web/sites/config',
]

const connectionsSchema = z.object({
  privateLinkServiceConnections: z.tuple([
    z.object({ properties: z.object({ privateLinkServiceId: z.string(), groupIds: z.array(z.string()) }) }),
  ]),
})

const open = (predicted: Predicted) =>
  Object.entries(withPublicSide)
    .filter(([type, property]) => predicted.all(type).some(({ properties }) => properties[property] !== 'Disabled'))
    .map(([type]) => type)

const endpoints = (predicted: Predicted) =>
  Object.fromEntries(
    predicted.all('Network/privateEndpoints').map(({ properties }) => {
      const { groupIds, privateLinkServiceId } =
        connectionsSchema.parse(properties).privateLinkServiceConnections[0].properties
      return [groupIds.join(), privateLinkServiceId]
    }),
  )

describe('with PRIVATE_NETWORK', { skip: skipWithoutBicep }, () => {
  let infra: BicepFolder
  let predicted: Predicted
  before(async () => {
    infra = await copyOfInfra()
    predicted = await predict(infra, 'private-network')
  })
  after(() => infra.remove())

  test('only the functions, which Grafana posts to, have public access', async () => {
    assert.deepEqual(open(predicted), ['Web/sites'])
    for (const type of ['Storage/storageAccounts', 'KeyVault/vaults'])
      assert.partialDeepStrictEqual(predicted.only(type).properties, { networkAcls: { defaultAction: 'Deny' } })
    const without = await predict(infra, 'new-environment')
    assert.deepEqual(
      open(without),
      ['KeyVault/vaults', 'Storage/storageAccounts', 'Web/sites'],
      'the test does not detect public access',
    )
  })

  test('for every type of resource, the test knows whether it can be public', () => {
    const known = [...Object.keys(withPublicSide), ...shared, ...withoutPublicSide]
    assert.deepEqual(
      predicted.types().filter((type) => !known.includes(type)),
      [],
    )
    assert.equal(predicted.only('Insights/components').properties.DisableLocalAuth, true)
  })

  test('coordinator, storage and vault have private endpoints, and their usual names resolve to them', async () => {
    const cluster = `${subscription}/resourceGroups/rg-orders/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders`
    const { blob, vault, ...others } = endpoints(predicted)
    assert.match(blob ?? '', /'storage-.*outputs\.id\.value/)
    assert.match(vault ?? '', /'vault-.*outputs\.id\.value/)
    assert.deepEqual(others, { postgresqlServer: cluster })
    const zones = predicted.all('Network/privateDnsZones').map(({ name }) => name)
    assert.deepEqual(zones.sort(), [
      "[format('privatelink.blob.{0}', environment().suffixes.storage)]",
      'privatelink.postgres.database.azure.com',
      'privatelink.vaultcore.azure.net',
    ])
    const links = predicted.all('Network/privateDnsZones/virtualNetworkLinks')
    assert.equal(links.length, zones.length)
    assert.equal(predicted.all('Network/privateEndpoints').length, zones.length)
    assert.equal(predicted.all('Network/privateEndpoints/privateDnsZoneGroups').length, zones.length)
    const ownServers = await predict(infra, 'own-servers')
    assert.deepEqual(Object.keys(endpoints(ownServers)).sort(), ['blob', 'vault'])
  })

  test('the functions connect from the virtual network', () => {
    const functions = predicted.all('Network/virtualNetworks/subnets').find(({ name }) => name.endsWith('/functions'))
    assert.deepEqual(functions?.properties.delegations, [
      { name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } },
    ])
    assert.match(String(predicted.only('Web/sites').properties.virtualNetworkSubnetId), /functionsSubnetId/)
  })
})
