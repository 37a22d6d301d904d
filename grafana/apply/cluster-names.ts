import { createHash } from 'node:crypto'
import type { ClusterKind } from '../../src/settings.ts'
import { MissingVariables, type Variables } from './expand-variables.ts'

/** The cluster to apply for. */
export type ClusterName = {
  /** The prefix of all names. */
  prefix: string
  /** The label `cluster` of its rules: the app's CLUSTER_NAME. Undefined if that is not set: then there is no label. */
  label: string | undefined
}

/** Reads CLUSTER_NAME. Optional for the kind `citus`: without it, the names begin with `citus`. Throws MissingVariables. */
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
 * The name of a resource of the cluster: `<cluster>-<short name>`, of letters, digits, `-` and `_`, at most 40 characters. If the
 * cluster's name does not fit, it is cut and gets a hash, so that two clusters never have the same name.
 */
export function nameFor({ prefix }: ClusterName, short: string): string {
  const plain = `${prefix}-${short}`
  if (/^[\w-]+$/.test(prefix) && plain.length <= longest) return plain
  const rest = `-${hash(prefix)}-${short}`
  return prefix.replace(/[^\w-]/g, '-').slice(0, longest - rest.length) + rest
}

/** Whether a uid begins like those of this cluster. Those of a cluster with a longer name may, too. */
export const mayBeOf = ({ prefix }: ClusterName, uid: string): boolean =>
  uid.startsWith(`${prefix}-`) || uid.includes(`-${hash(prefix)}-`)

/**
 * The name of a variable in rendered files, which may be next to those of other clusters: `AUTOSCALER_WEBHOOK_SECRET__SHOP`. It has two
 * underscores, so that the variables of two clusters never have the same name.
 */
export function variableFor({ prefix }: ClusterName, variable: string): string {
  const upper = prefix.toUpperCase().replace(/[^A-Z0-9]/g, '_')
  // For these characters, different names stay different in upper case.
  return `${variable}__${upper}${/^[a-z0-9-]+$/.test(prefix) ? '' : `_${hash(prefix).toUpperCase()}`}`
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8)
