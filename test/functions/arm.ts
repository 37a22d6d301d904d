import type { TestContext } from 'node:test'
import * as z from 'zod'
import { startArmEmulator, type ArmEmulator, type ArmEmulatorOptions } from '../../src/local/arm/start-arm-emulator.ts'
import { completeSettings } from './serve.ts'

export const clusterName = completeSettings.CLUSTER_NAME
export const deployment = `autoscale-${clusterName}`

export const properties = {
  postgresqlVersion: '16',
  citusVersion: '12.1',
  coordinatorServerEdition: 'GeneralPurpose',
  coordinatorVCores: 8,
  coordinatorStorageQuotaInMb: 262144,
  coordinatorEnablePublicIpAccess: false,
  enableHa: true,
  enableShardsOnCoordinator: true,
  maintenanceWindow: { customWindow: 'Enabled', dayOfWeek: 6, startHour: 3, startMinute: 30 },
  nodeCount: 2,
  nodeServerEdition: 'MemoryOptimized',
  nodeEnablePublicIpAccess: true,
  nodeVCores: 16,
  nodeStorageQuotaInMb: 1048576,
  preferredPrimaryZone: '2',
}

type Change = Partial<ArmEmulatorOptions> & { properties?: object }

/** ARM with one cluster in it. */
export function startArm({ properties: changed, ...options }: Change = {}) {
  return startArmEmulator({
    subscriptionId: completeSettings.AZURE_SUBSCRIPTION_ID,
    resourceGroup: completeSettings.AZURE_RESOURCE_GROUP,
    resource: {
      type: 'Microsoft.DBforPostgreSQL/serverGroupsv2',
      name: clusterName,
      location: 'westeurope',
      tags: { team: 'ads' },
      properties: { ...properties, ...changed },
    },
    provisioningSeconds: 600,
    ...options,
  })
}

/** The same, and the settings that point the functions to it. It ends with the test. */
export async function withArm(t: TestContext, change: Change = {}) {
  const arm = await startArm(change)
  t.after(() => arm.stop())
  return { arm, settings: { ...completeSettings, AZURE_RESOURCE_MANAGER_ENDPOINT: arm.endpoint } }
}

const recordSchema = z.object({
  tags: z.record(z.string(), z.string()),
  properties: z.object({ provisioningState: z.string(), timestamp: z.coerce.date() }),
})

/** ARM's record of the app's last deployment, if any. */
export function recordOf(arm: ArmEmulator) {
  const known = arm.requests.some(({ method }) => method === 'PUT')
  const found = known ? recordSchema.safeParse(readRecord(arm)).data : undefined
  return found && { ...found.properties, tags: found.tags }
}

function readRecord(arm: ArmEmulator): unknown {
  try {
    return arm.deployment(deployment)
  } catch {
    return undefined // a refused PUT leaves no record
  }
}

/** The deployments that ARM has accepted: the SDK polls the operation of each once. */
export const acceptedDeployments = (arm: ArmEmulator): number =>
  new Set(arm.requests.map(({ path }) => /operationStatuses\/[^/?]+/.exec(path)?.[0]).filter(Boolean)).size
