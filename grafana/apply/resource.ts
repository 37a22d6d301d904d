import { differences } from './differences.ts'
import type { Json } from './json.ts'

/** One resource in Grafana that must be as the files say. */
export type Resource = {
  name: string
  /** The resource as the files say; throws MissingVariables. */
  desired: () => Json
  /** The resource in Grafana; undefined if there is none. */
  read: () => Promise<Json | undefined>
  create: (desired: Json) => Promise<unknown>
  /** Throws if it must not be changed. */
  update: (desired: Json, current: Json) => Promise<unknown>
  /** Whether it has a secret, which Grafana does not return, so it can't be compared. */
  holdsSecrets?: boolean
}

export type Outcome = { name: string } & (
  | { result: 'unchanged' | 'created' }
  | { result: 'changed'; paths: readonly string[] }
  | { result: 'failed'; problem: string }
)

export type Mode = { dryRun: boolean; writeSecrets: boolean }

/** Applies a resource, or finds out what that would change. Never rejects: an error becomes the outcome `failed`. */
export async function applyResource(resource: Resource, { dryRun, writeSecrets }: Mode): Promise<Outcome> {
  const { name } = resource
  try {
    const desired = resource.desired()
    const current = await resource.read()
    if (current === undefined) {
      if (!dryRun) await resource.create(desired)
      return { name, result: 'created' }
    }
    const paths = differences(current, desired)
    if (writeSecrets && resource.holdsSecrets) paths.push('its secrets')
    if (paths.length === 0) return { name, result: 'unchanged' }
    if (!dryRun) await resource.update(desired, current)
    return { name, result: 'changed', paths }
  } catch (error) {
    return { name, result: 'failed', problem: error instanceof Error ? error.message : String(error) }
  }
}
