import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import type { ClusterKind } from '../../src/settings.ts'
import { alertingFileSchema, type ContactPoint, type MuteTiming, type RuleGroup } from './alerting-file.ts'
import { dashboardSchema, kindPanelsSchema, type Dashboard } from './dashboards.ts'
import { readSections, runbookDashboard, type Section } from './runbook.ts'
import { withSharedQueries } from './shared-queries.ts'
import { dataSourcesFileSchema, type DataSource } from './data-sources.ts'

export const clusterKinds = [
  'cosmosdb-postgresql',
  'elastic-cluster',
  'citus',
] as const satisfies readonly ClusterKind[]

/** The files of grafana/ for one kind of cluster. All names are short; `forCluster` adds the cluster's name. */
export type ShippedFiles = {
  groups: readonly RuleGroup[]
  contactPoints: readonly ContactPoint[]
  muteTimes: readonly MuteTiming[]
  /** Those that this kind's rules query. */
  dataSources: readonly DataSource[]
  /** `name` is what rules use; uid and title are Grafana's. */
  dashboards: readonly { name: string; dashboard: Dashboard }[]
  runbook: readonly Section[]
}

/** Throws an error with the file's name if a file is wrong. */
export async function readShippedFiles(kind: ClusterKind): Promise<ShippedFiles> {
  const names = ['alerting/database', `kinds/${kind}/rules`, 'alerting/contact-points', 'alerting/mute-timings']
  const alerting = await Promise.all(names.map((name) => read(`${name}.json`, alertingFileSchema)))
  const groups = alerting.flatMap((file) => file.groups)
  const asked = new Set(
    groups.flatMap(({ rules }) => rules).flatMap(({ data }) => data.map((query) => query.datasourceUid)),
  )
  const { datasources } = await read('datasources.json', dataSourcesFileSchema)
  const runbook = readSections(await readText('RUNBOOK.md'))
  const shared = await read('dashboards/cluster.json', dashboardSchema.omit({ uid: true, title: true }))
  const { uid, title, variables, panels } = await read(`kinds/${kind}/panels.json`, kindPanelsSchema)
  const cluster = { ...shared, uid, title, templating: { list: variables }, panels: [...panels, ...shared.panels] }
  return {
    groups,
    contactPoints: alerting.flatMap((file) => file.contactPoints),
    muteTimes: alerting.flatMap((file) => file.muteTimes),
    dataSources: datasources.filter((source) => asked.has(source.uid)),
    dashboards: [
      { name: 'cluster', dashboard: cluster },
      { name: 'tenants', dashboard: await read('dashboards/tenants.json', dashboardSchema) },
      { name: 'answers', dashboard: await read('dashboards/answers.json', dashboardSchema) },
      { name: 'runbook', dashboard: runbookDashboard(runbook) },
    ],
    runbook,
  }
}

const readText = (name: string) => readFile(new URL(`../${name}`, import.meta.url), 'utf8')

async function read<T extends z.ZodType>(name: string, schema: T): Promise<z.infer<T>> {
  const content: unknown = JSON.parse(await readText(name))
  const parsed = schema.safeParse(withSharedQueries(content))
  if (!parsed.success) throw new Error(`grafana/${name}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error })
  return parsed.data
}
