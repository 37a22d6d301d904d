import * as z from 'zod'
import { expandPolicy, type Policy } from './alerting-file.ts'
import type { Variables } from './expand-variables.ts'
import type { GrafanaApi } from './grafana-api.ts'
import { jsonSchema, type Json } from './json.ts'
import type { Resource } from './resource.ts'

const path = '/api/v1/provisioning/policies'

/**
 * The organisation's notification policy tree, of which there is one: it is written when it is still the one that Grafana comes with,
 * or our own; anybody else's is left as it is.
 */
export const policyResource = (api: GrafanaApi, policy: Policy, variables: Variables): Resource => ({
  name: 'notification policies',
  desired() {
    const { receiver, group_by, routes } = expandPolicy(policy, variables)
    return jsonSchema.parse({ receiver, group_by, routes })
  },
  async read() {
    const tree = (await api.get(path)) ?? {}
    return isInitial(tree) ? undefined : tree
  },
  create: (desired) => api.put(path, desired),
  update(desired, current) {
    if (receiverOf(current) !== receiverOf(desired)) return Promise.reject(foreign())
    return api.put(path, desired)
  },
})

const treeSchema = z.looseObject({ receiver: z.string().optional(), routes: z.array(jsonSchema).nullish() })

const receiverOf = (tree: Json) => treeSchema.parse(tree).receiver

/** Grafana's own tree leads everything to one e-mail contact point (grafana, pkg/setting/setting_unified_alerting.go). */
function isInitial(tree: Json): boolean {
  const { receiver, routes } = treeSchema.parse(tree)
  return (
    (routes ?? []).length === 0 && (receiver === undefined || ['grafana-default-email', 'empty'].includes(receiver))
  )
}

const foreign = () =>
  new Error(
    'there is a notification policy tree of somebody else, which is left as it is: ' +
      'leave out --policies (the rules then carry their own routes), or add the routes of grafana/policies.json by hand',
  )
