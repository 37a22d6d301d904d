import * as z from 'zod'
import { expandVariables, type Variables } from './expand-variables.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonObjectSchema, jsonSchema, type Json } from './json.ts'
import type { Resource } from './resource.ts'
import { redacted } from './differences.ts'

export const dataSourceSchema = z.strictObject({
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

const storedSchema = z.looseObject({ secureJsonFields: z.record(z.string(), z.boolean()).default({}) })

/** A data source; Grafana tells of its secrets only that they are set. */
export const dataSourceResource = (api: GrafanaApi, dataSource: DataSource, variables: Variables): Resource => ({
  name: `data source ${dataSource.name} (${dataSource.uid})`,
  holdsSecrets: dataSource.secureJsonData !== undefined,
  desired: () => expandVariables(jsonSchema.parse(dataSource), variables),
  async read() {
    const stored = await api.get(`/api/datasources/uid/${dataSource.uid}`)
    if (stored === undefined) return undefined
    const { secureJsonFields } = storedSchema.parse(stored)
    const secrets = Object.entries(secureJsonFields).filter(([, isSet]) => isSet)
    const secureJsonData: Json = Object.fromEntries(secrets.map(([name]) => [name, redacted]))
    return { ...jsonObjectSchema.parse(stored), secureJsonData }
  },
  create: (desired) => api.post('/api/datasources', desired),
  update: (desired) => api.put(`/api/datasources/uid/${dataSource.uid}`, desired),
})
