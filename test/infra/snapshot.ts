import * as z from 'zod'
import type { BicepFolder } from './bicep-cli.ts'

const resourceSchema = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  properties: z.record(z.string(), z.unknown()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
})
const snapshotSchema = z.object({ predictedResources: z.array(resourceSchema), diagnostics: z.array(z.unknown()) })

/** What the parameter files read from the environment: nothing of it may show up in what is deployed. */
export const secrets = {
  PG_CONNECTION_URL: 'postgres://citus:not-for-anyone@c-orders.example:5432/citus?sslmode=require',
  WEBHOOK_SECRETS: 'webhook-secret-not-for-anyone',
  CLUSTER_ADMIN_PASSWORD: 'admin-password-not-for-anyone',
  TRIAL_CLUSTER_PASSWORD: 'trial-password-not-for-anyone',
}

export const subscription = '/subscriptions/11111111-1111-1111-1111-111111111111'

export type Predicted = {
  text: string
  /** The only resource of a type; fails when there is none or several. */
  only: (type: string) => z.infer<typeof resourceSchema>
  all: (type: string) => z.infer<typeof resourceSchema>[]
  /** The types of all resources, without `Microsoft.`. */
  types: () => string[]
}

/** What would be deployed for a parameter file, according to Azure's template engine. */
export async function predict(infra: BicepFolder, name: string, scope: string[] = []): Promise<Predicted> {
  const file = `parameters/${name}`
  const context = [
    '--subscription-id',
    subscription.replace('/subscriptions/', ''),
    '--location',
    'westeurope',
    ...scope,
  ]
  await infra.bicep(['snapshot', `${file}.bicepparam`, '--mode', 'overwrite', ...context], secrets)
  const text = await infra.read(`${file}.snapshot.json`)
  const { predictedResources, diagnostics } = snapshotSchema.parse(JSON.parse(text))
  if (diagnostics.length > 0) throw new Error(`${file}: ${JSON.stringify(diagnostics)}`)
  const all = (type: string) => predictedResources.filter((resource) => resource.type === `Microsoft.${type}`)
  return {
    text,
    all,
    types: () => [...new Set(predictedResources.map(({ type }) => type.replace(/^Microsoft\./, '')))],
    only(type) {
      const [resource, ...more] = all(type)
      if (!resource || more.length > 0)
        throw new Error(`${file}: ${more.length + (resource ? 1 : 0)} resources of Microsoft.${type}`)
      return resource
    },
  }
}
