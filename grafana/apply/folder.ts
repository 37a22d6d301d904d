import type { GrafanaApi } from './grafana-api.ts'
import { jsonSchema } from './json.ts'
import type { Resource } from './resource.ts'

/** Files name a folder by its title, the API by its uid. */
export const folderUid = 'citus-autoscaler'

/** The folder that holds the rules and the dashboards. */
export const folderResource = (api: GrafanaApi, title: string): Resource => ({
  name: `folder ${title}`,
  desired: () => ({ uid: folderUid, title }),
  read: () => api.find(`/api/folders/${folderUid}`, jsonSchema),
  create: (desired) => api.post('/api/folders', desired),
  update: () =>
    Promise.reject(new Error(`the folder with the uid ${folderUid} has another title: rename it to ${title}`)),
})
