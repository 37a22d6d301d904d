import type { Condition, Sizes } from '../scaling/cluster-state.ts'

/** What differs between the Azure services, as data: everything else about their ARM path is written once, in azure-cluster.ts. */
export type AzureResourceKind = {
  /** Type and API version: of the resource that is read and, in its template, of the one that is deployed. */
  type: string
  apiVersion: string
  /** The ARM template that scale-out deploys; its parameters are those of `parameters`, with `workers` and the password. */
  template: Record<string, unknown>
  sizes: Sizes
  /** Whether the coordinator holds shards like any worker and counts as one. */
  coordinatorIsWorker: boolean
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

/**
 * Judges the state words of a resource, which the API descriptions leave open. A word that nobody knows is no permission to spend
 * money: it counts as not ready. `Canceled` speaks of the last operation, not of the cluster.
 */
export function conditionOf(words: readonly (string | undefined)[]): Condition {
  const unready = words.filter((word) => word !== undefined && !ready.test(word) && !/^cancell?ed$/i.test(word))
  const detail = unready.join(', ')
  if (unready.length === 0) return { kind: 'ready' }
  return { kind: unready.every((word) => changing.test(word ?? '')) ? 'updating' : 'not-ready', detail }
}
