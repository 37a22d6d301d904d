import type { ResourceManagementClient } from '@azure/arm-resources'
import * as z from 'zod/mini'
import type { Cause, LastScaleOut } from '../scaling/cluster-state.ts'
import { armAdvice } from './arm-advice.ts'
import { armAnswer } from './arm-error.ts'
import { explainArmError, type ArmCause } from './explain-arm-error.ts'

/**
 * What ARM keeps of the last deployment of a name: our only memory. `run` differs between two deployments of one name; `failure` says
 * why the last one failed, as far as ARM does.
 */
export type DeploymentRecord = {
  state: LastScaleOut
  tags: Record<string, string>
  run: string
  failure: ArmCause | undefined
}

const text = z.transform((value) => (typeof value === 'string' ? value : ''))

// Anybody may have edited the tags, and ARM's API promises none of the properties: what is odd counts as missing.
const recordSchema = z.object({
  tags: z.transform((tags) => {
    const texts = Object.entries(tags ?? {}).filter((tag): tag is [string, string] => typeof tag[1] === 'string')
    return Object.fromEntries(texts)
  }),
  properties: z.transform((properties) => propertiesSchema.parse({ ...Object(properties ?? {}) })),
})

const propertiesSchema = z.object({
  provisioningState: text,
  correlationId: text,
  timestamp: z.transform((at) => (at instanceof Date && !Number.isNaN(at.getTime()) ? at : undefined)),
  duration: text,
  error: z.optional(z.unknown()),
})

/** Reads the record of a deployment; undefined when there has been none. Rejects with what the SDK throws. */
export async function readDeployment(
  client: ResourceManagementClient,
  resourceGroup: string,
  name: string,
  signal: AbortSignal,
): Promise<DeploymentRecord | undefined> {
  try {
    return deploymentRecord(name, await client.deployments.get(resourceGroup, name, { abortSignal: signal }))
  } catch (error) {
    if (armAnswer(error)?.code === 'DeploymentNotFound') return undefined
    throw error
  }
}

function deploymentRecord(name: string, answered: unknown): DeploymentRecord {
  const { tags, properties } = recordSchema.parse(answered)
  const { provisioningState, correlationId, timestamp, duration, error } = properties
  const cause = { ...causeIn(tags), ...(timestamp && startedAt(timestamp, duration)) }
  // Without a time the record can't hold anybody back for ever: it counts as long past.
  const endedAt = timestamp ?? new Date(0)
  const record = { tags, run: `${correlationId} ${timestamp?.toISOString() ?? ''}`, failure: undefined }
  switch (provisioningState) {
    case 'Succeeded':
      return { ...record, state: { kind: 'succeeded', endedAt, ...cause } }
    case 'Failed':
    case 'Canceled': {
      const message = provisioningState === 'Failed' ? 'Azure does not say why' : 'the deployment was cancelled'
      const failure = explainArmError(error) ?? { code: undefined, message }
      const attempt = Math.max(1, Number.parseInt(tags.attempt ?? '1', 10) || 1)
      const told = failure.message + armAdvice(failure.code)
      return { ...record, failure, state: { kind: 'failed', endedAt, attempt, error: told, ...cause } }
    }
    // It holds nobody back: ARM itself refuses a second deployment while the first runs.
    case '':
      return { ...record, state: { kind: 'none' } }
    default:
      return { ...record, state: { kind: 'running', detail: `deployment ${name} is ${provisioningState}`, ...cause } }
  }
}

function causeIn({ from = '', to = '', reason, blind }: Record<string, string>): Cause {
  return {
    ...(/^\d{1,4}$/.test(from) && { from: Number(from) }),
    ...(/^\d{1,4}$/.test(to) && { to: Number(to) }),
    ...(reason && { reason }),
    ...(blind && blind !== 'false' && { blind: true }),
  }
}

/** ARM tells when the record changed last, which is its end, and how long it took: an ISO 8601 duration such as PT9M3.5S. */
function startedAt(timestamp: Date, duration: string): { startedAt: Date } | undefined {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(duration)
  if (!parts) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  const started = new Date(timestamp.getTime() - (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
  return Number.isNaN(started.getTime()) ? undefined : { startedAt: started }
}
