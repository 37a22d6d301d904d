import * as z from 'zod'
import type { Finding } from './finding.ts'
import { dataSourcePath, type DataSource } from './data-sources.ts'
import type { GrafanaApi } from './grafana-api.ts'

const healthSchema = z.object({ status: z.string().default(''), message: z.string().default('') })

/** Makes Grafana test a data source, like its button "Save & test": 200 and OK, or 400 and the error. */
export async function checkDataSource(api: GrafanaApi, { uid, name }: DataSource): Promise<Finding[]> {
  const { status, json } = await api.ask(`${dataSourcePath(uid)}/health`)
  const health = healthSchema.safeParse(json)
  const message = health.success ? health.data.message : ''
  const found = { name: `data source ${name}` }
  if (status === 200 && health.success && health.data.status === 'OK') return [found]
  if (status === 404) return [{ ...found, problem: `it is not there: apply first${message && ` (${message})`}` }]
  return [{ ...found, problem: message || `Grafana answered ${status} and did not say why` }]
}
