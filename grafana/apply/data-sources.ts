import * as z from 'zod'
import { expandVariables, type Variables } from './expand-variables.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonObjectSchema, jsonSchema, type Json } from './json.ts'
import type { Resource } from './resource.ts'
import { redacted } from './differences.ts'

const dataSourceSchema = z.strictObject({
  name: z.string(),
  uid: z.string().max(40),
  type: z.string(),
  access: z.literal('proxy'),
  url: z.string().optional(),
  user: z.string().optional(),
  jsonData: jsonObjectSchema,
  secureJsonData: z.record(z.string(), z.string()).optional(),
})
export const dataSourcesFileSchema = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.array(dataSourceSchema),
})

export type DataSource = z.infer<typeof dataSourceSchema>

const storedSchema = z.object({ secureJsonFields: z.record(z.string(), z.boolean()).default({}) }).catchall(jsonSchema)

export const dataSourcePath = (uid: string) => `/api/datasources/uid/${uid}`

/** A data source. Grafana only shows whether its secrets are set. */
export const dataSourceResource = (api: GrafanaApi, dataSource: DataSource, variables: Variables): Resource => ({
  name: `data source ${dataSource.name} (${dataSource.uid})`,
  holdsSecrets: dataSource.secureJsonData !== undefined,
  desired: () => expandVariables(jsonSchema.parse(dataSource), variables),
  async read() {
    const stored = await api.find(dataSourcePath(dataSource.uid), storedSchema)
    if (stored === undefined) return undefined
    const secrets = Object.entries(stored.secureJsonFields).filter(([, isSet]) => isSet)
    const secureJsonData: Json = Object.fromEntries(secrets.map(([name]) => [name, redacted]))
    return { ...stored, secureJsonData }
  },
  create: (desired) => api.post('/api/datasources', desired),
  update: (desired) => api.put(dataSourcePath(dataSource.uid), desired),
})
