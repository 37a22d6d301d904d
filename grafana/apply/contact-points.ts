import * as z from 'zod'
import { expandContactPoint, type ContactPoint } from './alerting-file.ts'
import type { Variables } from './expand-variables.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonSchema } from './json.ts'
import type { Resource } from './resource.ts'

const path = '/api/v1/provisioning/contact-points'
const listSchema = z.array(z.looseObject({ uid: z.string() }).catchall(jsonSchema))

/** The API knows no contact points but their integrations, each with the contact point's name. */
export const contactPointResources = (api: GrafanaApi, contactPoint: ContactPoint, variables: Variables): Resource[] =>
  contactPoint.receivers.map(({ uid }, index) => ({
    name: `contact point ${contactPoint.name}`,
    holdsSecrets: true,
    desired() {
      const { name, receivers } = expandContactPoint(contactPoint, variables)
      return jsonSchema.parse({ name, ...receivers[index] })
    },
    read: async () => listSchema.parse(await api.get(path)).find((stored) => stored.uid === uid),
    create: (desired) => api.post(path, desired),
    update: (desired) => api.put(`${path}/${uid}`, desired),
  }))
