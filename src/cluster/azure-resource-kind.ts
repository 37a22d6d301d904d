import * as z from 'zod/mini'
import type { Condition, Sizes } from '../scaling/cluster-state.ts'

/** What differs between the Azure services, as data: everything else about their ARM path is written once, in azure-cluster.ts. */
export type AzureResourceKind = {
  /** Type and API version: of the resource that is read and, in its template, of the one that is deployed. */
  type: string
  apiVersion: string
  /** The ARM template that scale-out deploys; its parameters are those of `parameters`, with `workers` and the password. */
  template: Record<string, unknown>
  sizes: Sizes
  /** Parses the resource as ARM sent it; throws a ZodError when it is not one of this kind. */
  describe(resource: unknown): AzureClusterFacts
}

export type AzureClusterFacts = {
  workers: number
  condition: Condition
  /** The template's parameters that carry the resource over as it is. */
  parameters: Record<string, unknown>
}

const ready = /^(ready|available|succeeded)$/i
const changing =
  /^(accepted|creating|created|in ?progress|provisioning|restarting|running|scaling|starting|stopping|updating)$/i
/** How the last operation may have ended: it says nothing about the cluster, whose own word is `state`. */
const ended = /^(succeeded|failed|cancell?ed|ready)$/i

/** A word of a resource's; odd and empty ones are missing. */
export const word = z.transform((value) => (typeof value === 'string' && value !== '' ? value : undefined))

/**
 * Judges the words of a resource, which the API descriptions leave open: `state` is the cluster's, `provisioningState` that of the last
 * change to it. A change that failed is no reason to hold; a word that nobody knows, or none, is no permission to spend money.
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
