import { mapStrings, type Json } from './json.ts'

export type Variables = Readonly<Record<string, string | undefined>>

const variable = /\$\$|\$\{(\w+)\}|\$([A-Za-z_]\w*)/g

/** Names in a file that stand for something which the environment does not hold. */
export class MissingVariables extends Error {
  readonly names: readonly string[]
  constructor(names: readonly string[]) {
    super(`not set in the environment: ${names.join(', ')}; set them and run this again`)
    this.names = names
  }
}

/**
 * `$NAME` and `${NAME}` in every string replaced, `$$` becoming `$`, as Grafana does in files that it provisions from. Grafana puts
 * an empty text where a variable is not set; here that is an error, since an empty address or secret is never meant.
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
 * The `${NAME}` of queries and annotations. Grafana expands nothing there: in a query's model `$` is its own (`$__timeFrom()`,
 * `$cpu_percent`), so these few names are filled in before a file reaches it.
 */
export const fillPlaceholders = <T extends Json>(model: T, variables: Variables): Json =>
  replaceOrThrow(model, variables, placeholder)

/**
 * The variables of a file that Grafana itself is to expand, replaced by `replace`: with another variable's name, or a text, in which a
 * dollar sign is doubled.
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
