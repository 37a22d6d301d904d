import * as z from 'zod'
import { jsonObjectSchema, jsonSchema, type Json } from './json.ts'
import { expandVariables, fillPlaceholders, type Variables } from './expand-variables.ts'

const textMap = z.record(z.string(), z.string())
const secondsAgo = z.int().nonnegative()

const querySchema = z.strictObject({
  refId: z.string().min(1),
  queryType: z.string().optional(),
  relativeTimeRange: z.strictObject({ from: secondsAgo, to: secondsAgo }),
  datasourceUid: z.string().min(1),
  model: z.object({ datasource: z.strictObject({ type: z.string(), uid: z.string() }) }).catchall(jsonSchema),
})

const routingSchema = z.strictObject({
  receiver: z.string(),
  group_by: z.array(z.string()).optional(),
  group_wait: z.string().optional(),
  group_interval: z.string().optional(),
  repeat_interval: z.string().optional(),
  mute_time_intervals: z.array(z.string()).optional(),
})

/** Required here, though optional in Grafana, whose defaults (NoData, Alerting) would make a failing query fire. */
const ruleSchema = z.strictObject({
  uid: z.string().min(1).max(40),
  title: z.string().min(1),
  condition: z.string(),
  data: z.array(querySchema).min(1),
  for: z.string(),
  keepFiringFor: z.string().optional(),
  noDataState: z.enum(['OK', 'Alerting', 'NoData', 'KeepLast']),
  execErrState: z.enum(['OK', 'Alerting', 'Error', 'KeepLast']),
  missing_series_evals_to_resolve: z.int().positive().optional(),
  labels: textMap.and(z.object({ action: z.enum(['scale-out', 'rebalance', 'people']) })),
  annotations: textMap,
  dashboardUid: z.string(),
  panelId: z.int(),
  isPaused: z.boolean().optional(),
  // A rule names its contact point itself, so the notification policy tree, which belongs to other people, is not changed.
  notification_settings: routingSchema,
})

const orgId = z.literal(1)

const groupSchema = z.strictObject({
  orgId,
  name: z.string().min(1),
  folder: z.string().min(1),
  interval: z.string(),
  rules: z.array(ruleSchema).min(1),
})

const contactPointSchema = z.strictObject({
  orgId,
  name: z.string().min(1),
  receivers: z
    .array(
      z.strictObject({
        uid: z.string().min(1).max(40),
        type: z.string(),
        disableResolveMessage: z.boolean(),
        settings: jsonObjectSchema,
      }),
    )
    .min(1),
})

const muteTimingSchema = z.strictObject({ orgId, name: z.string().min(1), time_intervals: z.array(jsonObjectSchema) })

/** A file of Grafana's alerting provisioning: the part of the format that this project uses. */
export const alertingFileSchema = z.strictObject({
  apiVersion: z.literal(1),
  groups: z.array(groupSchema).default([]),
  contactPoints: z.array(contactPointSchema).default([]),
  muteTimes: z.array(muteTimingSchema).default([]),
})

export type RuleGroup = z.infer<typeof groupSchema>
export type Rule = z.infer<typeof ruleSchema>
export type ContactPoint = z.infer<typeof contactPointSchema>
export type MuteTiming = z.infer<typeof muteTimingSchema>

/**
 * A group as Grafana reads it: variables are expanded where Grafana expands them in files, which is not in annotations or a query's model;
 * there the placeholders are filled in. Throws MissingVariables.
 */
export function expandGroup(group: RuleGroup, variables: Variables): RuleGroup {
  const filled = fillGroup(group, variables)
  return groupSchema.parse({
    ...expandObject({ ...filled, rules: [] }, variables),
    rules: filled.rules.map((rule) => ({
      ...expandObject({ ...rule, annotations: {}, data: [] }, variables),
      annotations: rule.annotations,
      data: rule.data,
    })),
  })
}

/** Fills in only the placeholders of queries and annotations, for a file of Grafana's own provisioning. Throws MissingVariables. */
export function fillGroup(group: RuleGroup, variables: Variables): RuleGroup {
  const fill = (value: object) => fillPlaceholders(asJson(value), variables)
  const rules = group.rules.map((rule) => ({
    ...rule,
    annotations: fill(rule.annotations),
    data: rule.data.map((query) => ({ ...query, model: fill(query.model) })),
  }))
  return groupSchema.parse({ ...group, rules })
}

/** A contact point with its variables expanded. Throws MissingVariables. */
export const expandContactPoint = (contactPoint: ContactPoint, variables: Variables): ContactPoint =>
  contactPointSchema.parse(expandVariables(asJson(contactPoint), variables))

const expandObject = (value: object, variables: Variables) =>
  jsonObjectSchema.parse(expandVariables(asJson(value), variables))

// jsonSchema refuses undefined, and absent fields must not become null, so they are left out.
const asJson = (value: object): Json => jsonSchema.parse(JSON.parse(JSON.stringify(value)))
