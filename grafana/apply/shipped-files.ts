import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import type { ClusterKind } from '../../src/settings.ts'
import { alertingFileSchema, type AlertingFile } from './alerting-file.ts'
import { dashboardSchema, panelsFileSchema, type Dashboard, type Panels } from './dashboards.ts'
import { dataSourcesFileSchema, type DataSource } from './data-sources.ts'

export const clusterKinds = [
  'cosmosdb-postgresql',
  'elastic-cluster',
  'citus',
] as const satisfies readonly ClusterKind[]

/** What grafana/ holds for one kind of cluster. */
export type ShippedFiles = {
  rules: { database: AlertingFile; kind: AlertingFile }
  contactPoints: AlertingFile
  muteTimings: AlertingFile
  policies: AlertingFile
  /** Those that the kind's rules ask. */
  dataSources: readonly DataSource[]
  dashboards: readonly { dashboard: Dashboard; ownPanels: Panels }[]
}

/** Throws with the file's name when one is not what it should be. */
export async function readShippedFiles(kind: ClusterKind): Promise<ShippedFiles> {
  const rules = {
    database: await read('alerting/database.json', alertingFileSchema),
    kind: await read(`kinds/${kind}/rules.json`, alertingFileSchema),
  }
  const asked = new Set(
    [...rules.database.groups, ...rules.kind.groups]
      .flatMap((group) => group.rules)
      .flatMap(({ data }) => data.map(({ datasourceUid }) => datasourceUid)),
  )
  const { datasources } = await read('datasources.json', dataSourcesFileSchema)
  const { panels } = await read(`kinds/${kind}/panels.json`, panelsFileSchema)
  return {
    rules,
    contactPoints: await read('alerting/contact-points.json', alertingFileSchema),
    muteTimings: await read('alerting/mute-timings.json', alertingFileSchema),
    policies: await read('policies.json', alertingFileSchema),
    dataSources: datasources.filter(({ uid }) => asked.has(uid)),
    dashboards: [
      { dashboard: await read('dashboards/cluster.json', dashboardSchema), ownPanels: panels },
      { dashboard: await read('dashboards/tenants.json', dashboardSchema), ownPanels: [] },
    ],
  }
}

async function read<T extends z.ZodType>(name: string, schema: T): Promise<z.infer<T>> {
  const text = await readFile(new URL(`../${name}`, import.meta.url), 'utf8')
  const parsed = schema.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(`grafana/${name}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error })
  return parsed.data
}
