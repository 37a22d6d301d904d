import { differences } from './differences.ts'
import type { Json } from './json.ts'

/** One thing in Grafana that is to be as the files say. */
export type Resource = {
  name: string
  /** What it is to be; throws MissingVariables. */
  desired: () => Json
  /** What it is; undefined when there is none. */
  read: () => Promise<Json | undefined>
  create: (desired: Json) => Promise<unknown>
  /** Throws when it must not be changed. */
  update: (desired: Json, current: Json) => Promise<unknown>
  /** Whether it holds a secret, of which nobody can tell whether it is still the same. */
  holdsSecrets?: boolean
}

export type Outcome = { name: string } & (
  | { result: 'unchanged' | 'created' }
  | { result: 'changed'; paths: readonly string[] }
  | { result: 'failed'; problem: string }
)

export type Mode = { dryRun: boolean; writeSecrets: boolean }

/** Makes a resource what it is to be, or finds out what that would change. Never rejects: what goes wrong is the outcome. */
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
