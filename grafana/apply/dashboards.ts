import * as z from 'zod'
import { fillPlaceholders, type Variables } from './expand-variables.ts'
import { folderUid } from './folder.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonObjectSchema, jsonSchema, type Json } from './json.ts'
import type { Resource } from './resource.ts'

export const dashboardSchema = z.looseObject({
  uid: z.string().max(40),
  title: z.string(),
  panels: z.array(jsonObjectSchema),
})
export const panelsFileSchema = z.strictObject({ panels: z.array(jsonObjectSchema) })

export type Dashboard = z.infer<typeof dashboardSchema>
export type Panels = z.infer<typeof panelsFileSchema>['panels']

/** A dashboard with the panels that only one kind of cluster has, and the names of its resources filled in. Throws MissingVariables. */
export const completeDashboard = (dashboard: Dashboard, own: Panels, variables: Variables): Json =>
  jsonSchema.parse({
    ...dashboard,
    panels: [...own.map((panel) => fillPlaceholders(panel, variables)), ...dashboard.panels],
  })

const storedSchema = z.looseObject({ dashboard: jsonSchema })

export const dashboardResource = (
  api: GrafanaApi,
  dashboard: Dashboard,
  own: Panels,
  variables: Variables,
): Resource => ({
  name: `dashboard ${dashboard.title}`,
  desired: () => completeDashboard(dashboard, own, variables),
  async read() {
    const stored = await api.get(`/api/dashboards/uid/${dashboard.uid}`)
    return stored === undefined ? undefined : storedSchema.parse(stored).dashboard
  },
  create: (desired) => api.post('/api/dashboards/db', { dashboard: desired, folderUid, overwrite: false }),
  update: (desired) => api.post('/api/dashboards/db', { dashboard: desired, folderUid, overwrite: true }),
})
