import type { MuteTiming } from './alerting-file.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonSchema } from './json.ts'
import type { Resource } from './resource.ts'

const path = '/api/v1/provisioning/mute-timings'

export const muteTimingPath = (name: string) => `${path}/${encodeURIComponent(name)}`

/** A mute timing. As in files, no variables are expanded. */
export const muteTimingResource = (api: GrafanaApi, { name, time_intervals }: MuteTiming): Resource => ({
  name: `mute timing ${name}`,
  desired: () => jsonSchema.parse({ name, time_intervals }),
  read: () => api.find(muteTimingPath(name), jsonSchema),
  create: (desired) => api.post(path, desired),
  update: (desired) => api.put(muteTimingPath(name), desired),
})
