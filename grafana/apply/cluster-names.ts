import { createHash } from 'node:crypto'
import type { ClusterKind } from '../../src/settings.ts'
import { MissingVariables, type Variables } from './expand-variables.ts'

/** The cluster to apply for. */
export type ClusterName = {
  /** The prefix of every name. */
  prefix: string
  /** The label `cluster` of its rules: the app's CLUSTER_NAME. Undefined when that is not set: then there is no such label. */
  label: string | undefined
}

/** Reads CLUSTER_NAME. The kind `citus` never needed one here: without it, the names begin with `citus`. Throws MissingVariables. */
export function clusterNameIn(variables: Variables, kind: ClusterKind): ClusterName {
  const name = variables.CLUSTER_NAME
  if (name) return { prefix: name, label: name }
  if (kind === 'citus') return { prefix: 'citus', label: undefined }
  const needed = ['AZURE_RESOURCE_GROUP', 'AZURE_SUBSCRIPTION_ID', 'CLUSTER_NAME']
  throw new MissingVariables(needed.filter((variable) => !variables[variable]))
}

/** Grafana's limit for a uid. */
const longest = 40

/**
 * The name of one of the cluster's things: `<cluster>-<short name>`, of letters, digits, `-` and `_`, at most 40 characters. Where the
 * cluster's name does not fit, a hash of it keeps two of them apart.
 */
export function nameFor({ prefix }: ClusterName, short: string): string {
  const plain = `${prefix}-${short}`
  if (/^[\w-]+$/.test(prefix) && plain.length <= longest) return plain
  const rest = `-${hash(prefix)}-${short}`
  return prefix.replace(/[^\w-]/g, '-').slice(0, longest - rest.length) + rest
}

/** Whether a uid begins as those of this cluster do. That of a longer cluster's name may, too. */
export const mayBeOf = ({ prefix }: ClusterName, uid: string): boolean =>
  uid.startsWith(`${prefix}-`) || uid.includes(`-${hash(prefix)}-`)

/**
 * The name of a variable in rendered files, where those of several clusters lie side by side: `AUTOSCALER_WEBHOOK_SECRET__SHOP`. Two
 * underscores, so that the variables of two clusters never have the same name.
 */
export function variableFor({ prefix }: ClusterName, variable: string): string {
  const upper = prefix.toUpperCase().replace(/[^A-Z0-9]/g, '_')
  // Only these are kept apart by the letters alone.
  return `${variable}__${upper}${/^[a-z0-9-]+$/.test(prefix) ? '' : `_${hash(prefix).toUpperCase()}`}`
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8)
