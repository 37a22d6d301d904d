import { clusterNameIn } from '../../../grafana/apply/cluster-names.ts'
import type { Variables } from '../../../grafana/apply/expand-variables.ts'
import { forCluster } from '../../../grafana/apply/for-cluster.ts'
import { readShippedFiles } from '../../../grafana/apply/shipped-files.ts'
import type { ClusterKind } from '../../settings.ts'
import { readAlerting, type Alerting } from './read-alerting.ts'

/** The alerting of grafana/ for one cluster, read from the files now. */
export async function shippedAlerting(kind: ClusterKind, variables: Variables): Promise<Alerting> {
  const files = forCluster(await readShippedFiles(kind), clusterNameIn(variables, kind))
  const { groups, contactPoints, muteTimes } = files
  return readAlerting([{ apiVersion: 1, groups, contactPoints, muteTimes }], variables)
}
