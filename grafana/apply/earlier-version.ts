import * as z from 'zod'
import { ruleRemoval, rulesIn } from './cluster-removals.ts'
import { contactPointPath, contactPointsIn } from './contact-points.ts'
import { dataSourcePath } from './data-sources.ts'
import type { Variables } from './expand-variables.ts'
import { folderUid } from './folder.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonSchema } from './json.ts'
import { muteTimingPath } from './mute-timings.ts'
import type { Removal } from './removal.ts'

// What an earlier version applied: it could watch only one cluster, and its names did not contain the cluster's.
const rules = [
  'workers-changed',
  'worker-without-shards',
  'rebalance-stuck',
  'worker-count-stopped',
  ...['cosmosdb', 'elastic', 'citus'].flatMap((kind) => [`${kind}-cpu-high`, `${kind}-hot-at-maximum`]),
].map((name) => `citus-autoscaler-${name}`)
const contactPoints = ['scale-out', 'rebalance', 'people'].map((name) => ({
  uid: `citus-autoscaler-${name}`,
  name: `citus-${name}`,
}))
const dataSources = ['citus-postgresql', 'citus-azure-monitor', 'citus-prometheus']
const dashboard = 'citus-autoscaler-cluster'
const muteTiming = 'citus-business-hours'

const webhookSchema = z.looseObject({ url: z.string() })

/**
 * What an earlier version of this project applied for this cluster; the app that its contact point posts to tells which one that is. What it
 * applied for another cluster is only named: it is removed when this command runs for that cluster. Today's resources have the same
 * names if the cluster is called `citus` (as kind `citus` is without a name) or `citus-autoscaler`.
 */
export async function earlierVersion(api: GrafanaApi, variables: Variables): Promise<Removal[]> {
  const old = (await rulesIn(api)).filter(
    ({ uid, folderUID, labels }) => folderUID === folderUid && rules.includes(uid) && labels?.cluster === undefined,
  )
  const stored = await contactPointsIn(api)
  const points = stored.filter((point) =>
    contactPoints.some(({ uid, name }) => point.uid === uid && point.name === name),
  )
  const webhook = webhookSchema.safeParse(points.find(({ uid }) => uid === contactPoints[0]?.uid)?.settings)
  const app = webhook.success ? webhook.data.url.replace(/\/api\/scale-out$/, '') : undefined
  if (app !== undefined && app.replace(/\/+$/, '') !== variables.AUTOSCALER_URL?.replace(/\/+$/, ''))
    return old.map(({ title }) => ({
      name: `rule ${title}`,
      stays: `an earlier version applied it for the app at ${app}: run this for that cluster`,
    }))
  const isNameOfToday = stored.some(({ uid }) => uid === 'citus-scale-out')
  return [
    ...old.map(ruleRemoval),
    ...points.map(({ uid, name }) => ({ name: `contact point ${name}`, path: contactPointPath(uid) })),
    ...(await ifThere(api, `/api/dashboards/uid/${dashboard}`, {
      name: `dashboard ${dashboard}`,
      path: `/api/dashboards/uid/${dashboard}`,
    })),
    ...(isNameOfToday ? [] : await namedAsCitus(api)),
  ]
}

/** Resources with the names that they would have today for a cluster called `citus`. */
async function namedAsCitus(api: GrafanaApi): Promise<Removal[]> {
  const path = muteTimingPath(muteTiming)
  const found = [
    ifThere(api, path, { name: `mute timing ${muteTiming}`, path }),
    ...dataSources.map((uid) =>
      ifThere(api, dataSourcePath(uid), {
        name: `data source ${uid}`,
        stays: 'an earlier version applied it: delete it when nothing of your own reads it',
      }),
    ),
  ]
  return (await Promise.all(found)).flat()
}

const ifThere = async (api: GrafanaApi, path: string, removal: Removal): Promise<Removal[]> =>
  (await api.find(path, jsonSchema)) === undefined ? [] : [removal]
