import type { GrafanaApi } from './grafana-api.ts'

/** One resource to remove from Grafana. With `stays`, it is only named; `stays` says why. */
export type Removal = { name: string; path: string } | { name: string; stays: string }

export type Removed = { name: string } & (
  { result: 'removed' } | { result: 'kept'; why: string } | { result: 'failed'; problem: string }
)

/** Removes it, or finds out that something uses it. Never rejects: an error becomes the outcome `failed`. */
export async function carryOutRemoval(api: GrafanaApi, removal: Removal, dryRun: boolean): Promise<Removed> {
  const { name } = removal
  if ('stays' in removal) return { name, result: 'kept', why: removal.stays }
  if (dryRun) return { name, result: 'removed' }
  try {
    const why = await api.delete(removal.path)
    return why === undefined ? { name, result: 'removed' } : { name, result: 'kept', why: `still in use: ${why}` }
  } catch (error) {
    return { name, result: 'failed', problem: error instanceof Error ? error.message : String(error) }
  }
}
