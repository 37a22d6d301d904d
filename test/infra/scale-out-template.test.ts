import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import * as z from 'zod'
import type { AzureResourceKind } from '../../src/cluster/azure-resource-kind.ts'
import { cosmosdbPostgresql } from '../../src/cluster/cosmosdb-postgresql.ts'
import { elasticCluster } from '../../src/cluster/elastic-cluster.ts'
import { copyOfInfra, skipWithoutBicep, type BicepFolder } from './bicep-cli.ts'

const identity =
  '/subscriptions/1/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/key-reader'

// Clusters as ARM returns them, with every writable property and some read-only ones.
const cosmos = {
  location: 'westeurope',
  tags: { team: 'orders' },
  properties: {
    administratorLogin: 'citus',
    provisioningState: 'Succeeded',
    state: 'Ready',
    citusVersion: '12.1',
    coordinatorEnablePublicIpAccess: false,
    coordinatorServerEdition: 'GeneralPurpose',
    coordinatorStorageQuotaInMb: 524288,
    coordinatorVCores: 4,
    earliestRestoreTime: '2026-01-01T00:00:00Z',
    enableHa: true,
    enableShardsOnCoordinator: false,
    maintenanceWindow: { customWindow: 'Enabled', dayOfWeek: 0, startHour: 8, startMinute: 0 },
    nodeCount: 2,
    nodeEnablePublicIpAccess: false,
    nodeServerEdition: 'MemoryOptimized',
    nodeStorageQuotaInMb: 524288,
    nodeVCores: 4,
    pointInTimeUTC: '2026-01-01T00:00:00Z',
    postgresqlVersion: '16',
    preferredPrimaryZone: '1',
    privateEndpointConnections: [],
    readReplicas: [],
    serverNames: [{ name: 'orders-c', fullyQualifiedDomainName: 'c-orders.example' }],
    sourceLocation: 'westeurope',
    sourceResourceId: '/subscriptions/1/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/serverGroupsv2/old',
  },
}
const elastic = {
  location: 'westeurope',
  tags: { team: 'orders' },
  sku: { name: 'Standard_D4ds_v5', tier: 'GeneralPurpose' },
  identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: { clientId: '1', principalId: '2' } } },
  properties: {
    administratorLogin: 'clusteradmin',
    authConfig: { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled' },
    availabilityZone: '1',
    backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' },
    cluster: { clusterSize: 2, defaultDatabaseName: 'postgres' },
    createMode: 'Default',
    dataEncryption: {
      type: 'AzureKeyVault',
      primaryKeyURI: 'https://orders.example/keys/k/1',
      primaryUserAssignedIdentityId: identity,
    },
    fullyQualifiedDomainName: 'orders.example',
    highAvailability: { mode: 'Disabled' },
    maintenanceWindow: { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 },
    minorVersion: '6',
    network: { publicNetworkAccess: 'Enabled' },
    privateEndpointConnections: [],
    replicationRole: 'Primary',
    state: 'Ready',
    storage: { autoGrow: 'Disabled', storageSizeGB: 64, tier: 'P6' },
    version: '17',
  },
}

const predictedSchema = z.object({
  predictedResources: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      apiVersion: z.string(),
      location: z.string().optional(),
      tags: z.unknown().optional(),
      sku: z.unknown().optional(),
      identity: z.unknown().optional(),
      properties: z.record(z.string(), z.unknown()),
    }),
  ),
  diagnostics: z.array(z.unknown()).max(0),
})

// The linter is for files that people write: it refuses literal ids.
const withoutLinter = '{ "analyzers": { "core": { "enabled": false } } }'

const cases: {
  file: string
  kind: AzureResourceKind
  resource: unknown
}[] = [
  { file: 'node-configuration.json', kind: cosmosdbPostgresql, resource: cosmos },
  { file: 'elastic-cluster-configuration.json', kind: elasticCluster, resource: elastic },
]

describe('what scale-out deploys', { skip: skipWithoutBicep }, () => {
  let infra: BicepFolder
  before(async () => {
    infra = await copyOfInfra()
  })
  after(() => infra.remove())

  /** Translated to Bicep, a JSON template is checked against the types of the resource provider's API, property by property. */
  const diagnosticsOf = async (file: string) => {
    const { stderr } = await infra.bicep(['decompile', file, '--force'])
    return stderr.split('\n').filter((line) => / : (Error|Warning|Info) /.test(line))
  }

  for (const { file, kind, resource } of cases) {
    test(`${file} compiles, and its API version has types`, async () => {
      assert.deepEqual(await diagnosticsOf(file), [])
    })

    test(`${file} copies only properties that the API can write`, async () => {
      const values = {
        name: 'orders',
        ...kind.describe(resource).parameters,
        workers: 4,
        administratorLoginPassword: 'none',
      }
      const lines = Object.entries(values).map(
        ([name, value]) => `param ${name} = json('''${JSON.stringify(value)}''')`,
      )
      await writeFile(path.join(infra.path, 'full.bicepparam'), [`using 'open-${file}'`, ...lines, ''].join('\n'))
      // An expression with a secure parameter is not evaluated, so the password is an ordinary parameter here.
      await writeFile(path.join(infra.path, `open-${file}`), (await infra.read(file)).replace('securestring', 'string'))
      await infra.bicep(['snapshot', 'full.bicepparam', '--mode', 'overwrite', '--resource-group', 'rg-orders'])
      const { predictedResources } = predictedSchema.parse(JSON.parse(await infra.read('full.snapshot.json')))
      assert.equal(predictedResources.length, 1)
      assert.equal(predictedResources[0]?.properties.administratorLoginPassword, 'none')

      // The properties come from union(), which the compiler does not check. Its result can be checked.
      const literal = {
        $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
        contentVersion: '1.0.0.0',
        parameters: { administratorLoginPassword: { type: 'securestring' } },
        resources: predictedResources,
      }
      const text = JSON.stringify(literal).replace('"none"', `"[parameters('administratorLoginPassword')]"`)
      await mkdir(path.join(infra.path, 'literal'), { recursive: true })
      await writeFile(path.join(infra.path, 'literal/bicepconfig.json'), withoutLinter)
      await writeFile(path.join(infra.path, 'literal/template.json'), text)
      assert.deepEqual(await diagnosticsOf('literal/template.json'), [])
    })
  }
})
