import * as z from 'zod'
import { expandContactPoint, type ContactPoint } from './alerting-file.ts'
import type { Variables } from './expand-variables.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonSchema } from './json.ts'
import type { Resource } from './resource.ts'

const path = '/api/v1/provisioning/contact-points'
const listSchema = z.array(z.object({ uid: z.string(), name: z.string() }).catchall(jsonSchema))

/** The API has no contact points, only their integrations, each with the name of its contact point. */
export const contactPointsIn = (api: GrafanaApi) => api.get(path, listSchema)

export const contactPointPath = (uid: string) => `${path}/${encodeURIComponent(uid)}`

export const contactPointResources = (api: GrafanaApi, contactPoint: ContactPoint, variables: Variables): Resource[] =>
  contactPoint.receivers.map(({ uid }, index) => ({
    name: `contact point ${contactPoint.name}`,
    holdsSecrets: true,
    desired() {
      const { name, receivers } = expandContactPoint(contactPoint, variables)
      return jsonSchema.parse({ name, ...receivers[index] })
    },
    read: async () => (await contactPointsIn(api)).find((stored) => stored.uid === uid),
    create: (desired) => api.post(path, desired),
    update: (desired) => api.put(contactPointPath(uid), desired),
  }))
