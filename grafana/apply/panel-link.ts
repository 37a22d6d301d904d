import type { Dashboard } from './dashboards.ts'
import { nameFor, type ClusterName } from './cluster-names.ts'

/** What a dashboard's variables are for the cluster that a rule watches; the names of its resources are placeholders. */
const valueOf: Readonly<Record<string, string | ((cluster: ClusterName) => string)>> = {
  postgresql: (cluster) => nameFor(cluster, 'postgresql'),
  azure_monitor: (cluster) => nameFor(cluster, 'azure-monitor'),
  prometheus: (cluster) => nameFor(cluster, 'prometheus'),
  subscription: '${AZURE_SUBSCRIPTION_ID}',
  resource_group: '${AZURE_RESOURCE_GROUP}',
  cluster: '${CLUSTER_NAME}',
  workers_job: '${CITUS_WORKERS_JOB}',
  coordinator_job: '${CITUS_COORDINATOR_JOB}',
}

/**
 * A link to a panel that shows the cluster in question: the link that Grafana makes of a rule's dashboard and panel leaves the
 * dashboard's variables as they are.
 */
export function panelLink({ uid, templating }: Dashboard, panelId: number, cluster: ClusterName): string {
  const chosen = templating.list.flatMap(({ name }) => {
    const value = valueOf[name]
    if (value === undefined) return []
    return [`&var-${name}=${typeof value === 'string' ? value : value(cluster)}`]
  })
  return `{{ externalURL }}d/${uid}?viewPanel=${panelId}${chosen.join('')}`
}
