import { createHash } from 'node:crypto'

const longest = 64

/**
 * The one name of a cluster's deployments: ARM refuses a second deployment of a name while the first runs, so it is the lock between
 * instances. ARM takes 64 characters; a longer name keeps its beginning and gets a hash of the whole, so that it stays unique.
 */
export function deploymentName(cluster: string): string {
  const name = `autoscale-${cluster}`
  if (name.length <= longest) return name
  const hash = createHash('sha256').update(cluster).digest('hex').slice(0, 12)
  return `${name.slice(0, longest - hash.length - 1)}-${hash}`
}
