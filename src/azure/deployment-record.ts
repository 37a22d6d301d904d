import type { ResourceManagementClient } from '@azure/arm-resources'
import * as z from 'zod/mini'
import type { Cause, LastScaleOut } from '../scaling/cluster-state.ts'
import { armAdvice } from './arm-advice.ts'
import { armAnswer } from './arm-error.ts'
import { explainArmError, type ArmCause } from './explain-arm-error.ts'

/**
 * What ARM keeps about the last deployment of a name; the app itself keeps no state. `run` tells two deployments of the same name apart;
 * `failure` is the reason of a failed one, if ARM gives it.
 */
export type DeploymentRecord = {
  state: LastScaleOut
  tags: Record<string, string>
  run: string
  failure: ArmCause | undefined
}

const text = z.transform((value) => (typeof value === 'string' ? value : ''))

// A person may have edited the tags, and ARM's API guarantees none of the properties: a value of the wrong type counts as missing.
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
  // A record without a time must not hold back scale-outs for ever: it counts as long past.
  const endedAt = timestamp ?? new Date(0)
  const record = { tags, run: `${correlationId} ${timestamp?.toISOString() ?? ''}`, failure: undefined }
  switch (provisioningState) {
    case 'Succeeded':
      return { ...record, state: { kind: 'succeeded', endedAt, ...cause } }
    case 'Failed':
    case 'Canceled': {
      const unexplained = provisioningState === 'Failed' ? 'Azure gives no reason' : 'the deployment was cancelled'
      const failure = explainArmError(error) ?? { code: undefined, message: unexplained }
      const attempt = Math.max(1, Number.parseInt(tags.attempt ?? '1', 10) || 1)
      const message = failure.message + armAdvice(failure.code)
      return { ...record, failure, state: { kind: 'failed', endedAt, attempt, error: message, ...cause } }
    }
    // Without a state it can be ignored: ARM refuses a second deployment while the first runs.
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

/** ARM gives the time of the record's last change, which is its end, and its duration as ISO 8601, such as PT9M3.5S. */
function startedAt(timestamp: Date, duration: string): { startedAt: Date } | undefined {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(duration)
  if (!parts) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  const started = new Date(timestamp.getTime() - (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
  return Number.isNaN(started.getTime()) ? undefined : { startedAt: started }
}
