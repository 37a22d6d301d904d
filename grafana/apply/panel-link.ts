import type { Dashboard } from './dashboards.ts'
import { nameFor, type ClusterName } from './cluster-names.ts'

/** The values of a dashboard's variables for the rule's cluster. Names of Azure resources are placeholders. */
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
 * A link to a panel that shows this cluster. Grafana's own link from a rule to its panel does not set the dashboard's variables.
 */
export function panelLink({ uid, templating }: Dashboard, panelId: number, cluster: ClusterName): string {
  const chosen = templating.list.flatMap(({ name }) => {
    const value = valueOf[name]
    if (value === undefined) return []
    return [`&var-${name}=${typeof value === 'string' ? value : value(cluster)}`]
  })
  return `{{ externalURL }}d/${uid}?viewPanel=${panelId}${chosen.join('')}`
}
