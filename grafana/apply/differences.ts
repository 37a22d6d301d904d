import type { Json, JsonObject } from './json.ts'

/** What Grafana gives back instead of a secret. */
export const redacted = '[REDACTED]'

/**
 * The paths at which Grafana's value differs from the wanted one, such as `rules[0].for`. A property that Grafana adds is not a difference,
 * except where people choose the names (labels, annotations, headers). A secret that can't be read back counts as equal.
 */
export function differences(current: Json | undefined, desired: Json, path = ''): string[] {
  if (current === redacted && typeof desired === 'string') return []
  if (Array.isArray(desired)) {
    if (!Array.isArray(current) || current.length !== desired.length) return [path]
    return desired.flatMap((item, index) => differences(current[index], item, `${path}[${index}]`))
  }
  if (desired === null) return current === undefined || current === null ? [] : [path]
  if (typeof desired !== 'object') return current === desired ? [] : [path]
  if (!isObject(current)) return [path]
  const added = /(^|\.)(labels|annotations|headers)$/.test(path) ? Object.keys(current) : []
  return [...new Set([...Object.keys(desired), ...added])].flatMap((name) => {
    const below = path === '' ? name : `${path}.${name}`
    const wanted = desired[name]
    return wanted === undefined ? [below] : differences(current[name], wanted, below)
  })
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
