import * as z from 'zod'
import { mayBeOf, nameFor, type ClusterName } from './cluster-names.ts'
import { contactPointPath, contactPointsIn } from './contact-points.ts'
import { dataSourcePath } from './data-sources.ts'
import { folderUid } from './folder.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonSchema } from './json.ts'
import { muteTimingPath } from './mute-timings.ts'
import type { Removal } from './removal.ts'

const rulesSchema = z.array(
  z.looseObject({
    uid: z.string(),
    title: z.string(),
    folderUID: z.string(),
    isPaused: z.boolean().default(false),
    labels: z.record(z.string(), z.string()).nullish(),
  }),
)

export const rulesIn = (api: GrafanaApi) => api.get('/api/v1/provisioning/alert-rules', rulesSchema)

export const ruleRemoval = ({ uid, title }: { uid: string; title: string }): Removal => ({
  name: `rule ${title}`,
  path: `/api/v1/provisioning/alert-rules/${uid}`,
})

/**
 * The rules that this command applied for the cluster, except those in `shipped`: they are in our folder and have the cluster's label and
 * name. Rules that people made have a uid from Grafana, and stay.
 */
export async function rulesOfCluster(
  api: GrafanaApi,
  cluster: ClusterName,
  shipped: ReadonlySet<string>,
): Promise<Removal[]> {
  const rules = await rulesIn(api)
  return rules
    .filter(({ uid, folderUID, labels }) => {
      const isOurs = folderUID === folderUid && mayBeOf(cluster, uid) && labels?.cluster === cluster.label
      return isOurs && !shipped.has(uid)
    })
    .map(ruleRemoval)
}

/** All resources of the cluster; those that depend on others come first. Dashboards stay, since all clusters share them. */
export async function everythingOfCluster(api: GrafanaApi, cluster: ClusterName): Promise<Removal[]> {
  const name = (short: string) => nameFor(cluster, short)
  const contactPoints = ['scale-out', 'rebalance', 'people'].map(name)
  const stored = (await contactPointsIn(api)).filter(({ uid }) => contactPoints.includes(uid))
  const exists = async (path: string) => (await api.find(path, jsonSchema)) !== undefined
  const others = [
    { name: `mute timing ${name('business-hours')}`, path: muteTimingPath(name('business-hours')) },
    ...['postgresql', 'azure-monitor', 'prometheus'].map((short) => ({
      name: `data source ${name(short)}`,
      path: dataSourcePath(name(short)),
    })),
  ]
  const found = await Promise.all(others.map(async (other) => ((await exists(other.path)) ? [other] : [])))
  return [
    ...(await rulesOfCluster(api, cluster, new Set())),
    ...stored.map((point) => ({ name: `contact point ${point.name}`, path: contactPointPath(point.uid) })),
    ...found.flat(),
  ]
}
