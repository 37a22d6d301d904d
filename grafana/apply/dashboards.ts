import * as z from 'zod'
import { folderUid } from './folder.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonObjectSchema, jsonSchema } from './json.ts'
import type { Resource } from './resource.ts'

const variablesSchema = z.array(z.object({ name: z.string() }).catchall(jsonSchema))

export const dashboardSchema = z
  .object({
    uid: z.string().max(40),
    title: z.string(),
    templating: z.strictObject({ list: variablesSchema }),
    panels: z.array(jsonObjectSchema),
  })
  .catchall(jsonSchema)

/** What only the cluster dashboard of this kind has. */
export const kindPanelsSchema = z.strictObject({
  uid: z.string().max(40),
  title: z.string(),
  variables: variablesSchema,
  panels: z.array(jsonObjectSchema),
})

export type Dashboard = z.infer<typeof dashboardSchema>

const storedSchema = z.looseObject({ dashboard: jsonSchema })

/** A dashboard. The cluster is one of its variables, so that all clusters of a kind share it. */
export const dashboardResource = (api: GrafanaApi, dashboard: Dashboard): Resource => ({
  name: `dashboard ${dashboard.title}`,
  desired: () => jsonSchema.parse(dashboard),
  async read() {
    const stored = await api.find(`/api/dashboards/uid/${dashboard.uid}`, storedSchema)
    return stored?.dashboard
  },
  create: (desired) => api.post('/api/dashboards/db', { dashboard: desired, folderUid, overwrite: false }),
  update: (desired) => api.post('/api/dashboards/db', { dashboard: desired, folderUid, overwrite: true }),
})
