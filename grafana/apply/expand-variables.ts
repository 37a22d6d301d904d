import { mapStrings, type Json } from './json.ts'

export type Variables = Readonly<Record<string, string | undefined>>

const variable = /\$\$|\$\{(\w+)\}|\$([A-Za-z_]\w*)/g

/** Names of variables in a file that are not set in the environment. */
export class MissingVariables extends Error {
  readonly names: readonly string[]
  constructor(names: readonly string[]) {
    super(`not set in the environment: ${names.join(', ')}; set them and run this again`)
    this.names = names
  }
}

/**
 * Replaces `$NAME` and `${NAME}` in every string, and `$$` with `$`, as Grafana does in its provisioning files. Where Grafana would insert
 * an empty text for a variable that is not set, this throws, since an empty address or secret is never right.
 */
export function expandVariables<T extends Json>(value: T, variables: Variables): Json {
  return replaceOrThrow(value, variables, variable)
}

/** Placeholders that need no variable. The kind `citus` reads node_exporter of these two scrape jobs. */
const defaults: Variables = {
  SCALE_OUT_MAX_WORKERS: '20',
  CITUS_WORKERS_JOB: 'citus-workers',
  CITUS_COORDINATOR_JOB: 'citus-coordinator',
}
const placeholders = ['AZURE_SUBSCRIPTION_ID', 'AZURE_RESOURCE_GROUP', 'CLUSTER_NAME', ...Object.keys(defaults)]
const placeholder = new RegExp(`\\$\\{(${placeholders.join('|')})\\}`, 'g')

/**
 * Fills in `${NAME}` in queries and annotations, for a few names. Grafana expands no variables there: in a query's model `$` has other
 * meanings (`$__timeFrom()`, `$cpu_percent`).
 */
export const fillPlaceholders = <T extends Json>(model: T, variables: Variables): Json =>
  replaceOrThrow(model, variables, placeholder)

/**
 * Replaces the variables of a file that Grafana expands. `replace` returns another variable, or a text with doubled dollar signs.
 */
export const renameVariables = (value: Json, replace: (name: string) => string): Json =>
  mapStrings(value, (text) =>
    text.replace(variable, (match, braced?: string, bare?: string) => {
      const name = braced ?? bare
      return name === undefined ? match : replace(name)
    }),
  )

function replaceOrThrow(value: Json, variables: Variables, pattern: RegExp): Json {
  const missing = new Set<string>()
  const expanded = mapStrings(value, (text) =>
    text.replace(pattern, (match: string, braced?: string, bare?: string) => {
      const name = braced ?? bare
      if (name === undefined) return '$'
      const found = variables[name] ?? defaults[name]
      if (found === undefined) missing.add(name)
      return found ?? match
    }),
  )
  if (missing.size > 0) throw new MissingVariables([...missing].sort())
  return expanded
}
