import type { ResourceManagementClient } from '@azure/arm-resources'
import type { Cause, LastScaleOut } from '../scaling/cluster-state.ts'
import { armAnswer, explainArmError } from './arm-error.ts'

/** What ARM keeps of the last deployment of a name: our only memory. `run` differs between two deployments of one name. */
export type DeploymentRecord = { state: LastScaleOut; tags: Record<string, string>; run: string }

/** Reads the record of a deployment; undefined when there has been none. Rejects with what the SDK throws. */
export async function readDeployment(
  client: ResourceManagementClient,
  resourceGroup: string,
  name: string,
  signal: AbortSignal,
): Promise<DeploymentRecord | undefined> {
  try {
    const { properties, tags = {} } = await client.deployments.get(resourceGroup, name, { abortSignal: signal })
    const { provisioningState = '', timestamp, correlationId = '', error } = properties ?? {}
    const run = `${correlationId} ${timestamp?.toISOString() ?? ''}`
    return { state: stateOf({ name, provisioningState, timestamp, error, tags }), tags, run }
  } catch (error) {
    if (armAnswer(error)?.code === 'DeploymentNotFound') return undefined
    throw error
  }
}

type Recorded = {
  name: string
  provisioningState: string
  timestamp: Date | undefined
  error: unknown
  tags: Record<string, string>
}

function stateOf({ name, provisioningState, timestamp, error, tags }: Recorded): LastScaleOut {
  // Without a time the record can't hold anybody back for ever: it counts as long past.
  const endedAt = timestamp ?? new Date(0)
  const cause = causeIn(tags)
  switch (provisioningState) {
    case 'Succeeded':
      return { kind: 'succeeded', endedAt, ...cause }
    case 'Failed':
    case 'Canceled': {
      const { message } = error
        ? explainArmError(error)
        : { message: `the deployment was ${provisioningState.toLowerCase()}` }
      return {
        kind: 'failed',
        endedAt,
        attempt: Math.max(1, Number.parseInt(tags.attempt ?? '1', 10) || 1),
        error: message,
        ...cause,
      }
    }
    default:
      return { kind: 'running', detail: `deployment ${name} is ${provisioningState || 'not finished'}`, ...cause }
  }
}

/** Tags may be edited by anybody: what is no number of workers is left out. */
function causeIn({ from = '', to = '', reason }: Record<string, string>): Cause {
  return {
    ...(/^\d{1,4}$/.test(from) && { from: Number(from) }),
    ...(/^\d{1,4}$/.test(to) && { to: Number(to) }),
    ...(reason && { reason }),
  }
}
