import * as z from 'zod/mini'
import type { Condition, Sizes } from '../scaling/cluster-state.ts'

/** The differences between the Azure services, as data; azure-cluster.ts has what they share. */
export type AzureResourceKind = {
  /** Resource type and API version, for reading; the template deploys the same. */
  type: string
  apiVersion: string
  /** The ARM template that scale-out deploys; its parameters are those of `parameters`, with `workers` and the password. */
  template: Record<string, unknown>
  sizes: Sizes
  /** Parses the resource that ARM returned; throws a ZodError when it is not of this kind. */
  describe(resource: unknown): AzureClusterFacts
}

export type AzureClusterFacts = {
  workers: number
  condition: Condition
  /** Template parameters that keep the resource as it is. */
  parameters: Record<string, unknown>
}

const ready = /^(ready|available|succeeded)$/i
const changing =
  /^(accepted|creating|created|in ?progress|provisioning|restarting|running|scaling|starting|stopping|updating)$/i
/** End states of the last operation. They say nothing about the cluster itself, which has `state`. */
const ended = /^(succeeded|failed|cancell?ed|ready)$/i

/** A text of the resource; an empty one, or one of another type, counts as missing. */
export const word = z.transform((value) => (typeof value === 'string' && value !== '' ? value : undefined))

/**
 * Whether the cluster is ready to grow. `state` is the cluster's state, `provisioningState` that of its last change; the API descriptions
 * don't list their values. A failed change is no reason to hold. With an unknown state, or none, nothing is bought.
 */
export function conditionOf({ state, provisioningState }: StateWords): Condition {
  const own = state ?? (provisioningState === 'Succeeded' ? provisioningState : undefined)
  const unready = own !== undefined && ready.test(own) ? [] : [own ?? 'without a state']
  if (provisioningState !== undefined && !ended.test(provisioningState)) unready.push(provisioningState)
  if (unready.length === 0) return { kind: 'ready' }
  return {
    kind: unready.every((word) => changing.test(word)) ? 'updating' : 'not-ready',
    detail: [...new Set(unready)].join(', '),
  }
}

type StateWords = { state: string | undefined; provisioningState?: string | undefined }
