import { createHash } from 'node:crypto'

const longest = 64

/**
 * The name of all deployments of a cluster: ARM refuses a second deployment of the same name while the first runs, so the name is a lock
 * between instances. ARM allows 64 characters; a longer name is cut and ends in a hash of the cluster's name, so that it stays unique.
 */
export function deploymentName(cluster: string): string {
  const name = `autoscale-${cluster}`
  if (name.length <= longest) return name
  const hash = createHash('sha256').update(cluster).digest('hex').slice(0, 12)
  return `${name.slice(0, longest - hash.length - 1)}-${hash}`
}
