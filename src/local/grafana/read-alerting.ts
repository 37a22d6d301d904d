import * as z from 'zod'
import {
  alertingFileSchema,
  expandContactPoint,
  expandGroup,
  type Rule,
  type RuleGroup,
} from '../../../grafana/apply/alerting-file.ts'
import type { Variables } from '../../../grafana/apply/expand-variables.ts'
import type { JsonObject } from '../../../grafana/apply/json.ts'
import { durationSeconds } from '../../../grafana/apply/duration.ts'
import { evaluatorSchema } from './apply-threshold.ts'
import { parseMath } from './parse-math.ts'
import { reducers } from './reduce-series.ts'
import { readMuteTiming, type MuteTiming } from './mute-timing.ts'
import { readContactPoint, type ContactPoint } from './contact-point.ts'
import { readRouting, type Routing } from './routing.ts'
import type { Labels } from './labels.ts'

/** All durations are in seconds. */
export type AlertRule = {
  uid: string
  title: string
  folder: string
  group: string
  interval: number
  condition: string
  queries: readonly DataSourceQuery[]
  expressions: readonly Expression[]
  for: number
  keepFiringFor: number
  noDataState: Rule['noDataState']
  execErrState: Rule['execErrState']
  missingSeriesEvaluations: number
  labels: Labels
  annotations: Labels
  routing: Routing
}

export type DataSourceQuery = {
  refId: string
  dataSource: string
  model: JsonObject
  /** Seconds before the evaluation. */
  from: number
  to: number
}

export type Expression = z.infer<typeof expressionSchema> & { refId: string }

export type Alerting = {
  rules: readonly AlertRule[]
  contactPoints: readonly ContactPoint[]
  muteTimings: readonly MuteTiming[]
}

const expressionSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('math'), expression: z.string().transform((text) => parseMath(text)) }),
  z.object({
    type: z.literal('reduce'),
    expression: z.string(),
    reducer: z.enum(reducers),
    settings: z
      .discriminatedUnion('mode', [
        z.object({ mode: z.literal('') }).transform(() => ({ kind: 'strict' as const })),
        z.object({ mode: z.literal('dropNN') }).transform(() => ({ kind: 'dropNN' as const })),
        z
          .object({ mode: z.literal('replaceNN'), replaceWithValue: z.number() })
          .transform(({ replaceWithValue }) => ({ kind: 'replaceNN' as const, value: replaceWithValue })),
      ])
      .default({ kind: 'strict' }),
  }),
  z.object({
    type: z.literal('threshold'),
    expression: z.string(),
    conditions: z.tuple([z.object({ evaluator: evaluatorSchema, unloadEvaluator: evaluatorSchema.optional() })]),
  }),
])

/**
 * The parsed JSON of files for Grafana's alerting provisioning as typed values, variables expanded and placeholders filled. Throws with
 * the name of the rule or contact point that is wrong, or MissingVariables.
 */
export function readAlerting(documents: readonly unknown[], variables: Variables): Alerting {
  const files = documents.map((document) => alertingFileSchema.parse(document))
  return {
    rules: files.flatMap(({ groups }) => groups).flatMap((group) => readGroup(expandGroup(group, variables))),
    contactPoints: files
      .flatMap(({ contactPoints }) => contactPoints)
      .map((contactPoint) => readContactPoint(expandContactPoint(contactPoint, variables))),
    muteTimings: files.flatMap(({ muteTimes }) => muteTimes).map(readMuteTiming),
  }
}

function readGroup(group: RuleGroup): AlertRule[] {
  return group.rules
    .filter(({ isPaused }) => !isPaused)
    .map((rule) => {
      try {
        return readRule(rule, group)
      } catch (cause) {
        throw new Error(`rule ${rule.uid}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
      }
    })
}

function readRule(rule: Rule, group: RuleGroup): AlertRule {
  const expressions = rule.data.filter(({ datasourceUid }) => datasourceUid === '__expr__')
  const queries = rule.data.filter(({ datasourceUid }) => datasourceUid !== '__expr__')
  return {
    uid: rule.uid,
    title: rule.title,
    folder: group.folder,
    group: group.name,
    interval: durationSeconds(group.interval),
    condition: rule.condition,
    queries: queries.map(({ refId, datasourceUid, model, relativeTimeRange }) => ({
      refId,
      dataSource: datasourceUid,
      model,
      ...relativeTimeRange,
    })),
    expressions: expressions.map(({ refId, model }) => ({ ...expressionSchema.parse(model), refId })),
    for: durationSeconds(rule.for),
    keepFiringFor: durationSeconds(rule.keepFiringFor ?? '0s'),
    noDataState: rule.noDataState,
    execErrState: rule.execErrState,
    // Grafana resolves an alert whose series is gone after two evaluations, unless the rule says otherwise.
    missingSeriesEvaluations: rule.missing_series_evals_to_resolve ?? 2,
    labels: rule.labels,
    annotations: rule.annotations,
    routing: readRouting(rule.notification_settings),
  }
}
