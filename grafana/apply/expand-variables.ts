import { mapStrings, type Json } from './json.ts'

export type Variables = Readonly<Record<string, string | undefined>>

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
  return replaceOrThrow(value, variables, /\$\$|\$\{(\w+)\}|\$([A-Za-z_]\w*)/g)
}

/**
 * The `${NAME}` of the queries in grafana/kinds. Grafana expands nothing in a query's model, where `$` is its own (`$__timeFrom()`,
 * `$cpu_percent`), so these few names are filled in before a file reaches it.
 */
export function fillPlaceholders<T extends Json>(model: T, variables: Variables): Json {
  const withDefaults = { ...variables, SCALE_OUT_MAX_WORKERS: variables.SCALE_OUT_MAX_WORKERS ?? '20' }
  return replaceOrThrow(
    model,
    withDefaults,
    /\$\{(AZURE_SUBSCRIPTION_ID|AZURE_RESOURCE_GROUP|CLUSTER_NAME|SCALE_OUT_MAX_WORKERS)\}/g,
  )
}

function replaceOrThrow(value: Json, variables: Variables, pattern: RegExp): Json {
  const missing = new Set<string>()
  const expanded = mapStrings(value, (text) =>
    text.replace(pattern, (match: string, braced?: string, bare?: string) => {
      const name = braced ?? bare
      if (name === undefined) return '$'
      const found = variables[name]
      if (found === undefined) missing.add(name)
      return found ?? match
    }),
  )
  if (missing.size > 0) throw new MissingVariables([...missing].sort())
  return expanded
}
