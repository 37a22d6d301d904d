import * as z from 'zod'

export type Stored = Record<string, unknown>
export type Answer = { status: number; body: unknown; location?: string }

const ruleSchema = z.looseObject({
  uid: z.string().min(1).max(40),
  title: z.string(),
  condition: z.string(),
  data: z.array(z.looseObject({ refId: z.string(), datasourceUid: z.string(), model: z.looseObject({}) })),
  noDataState: z.enum(['OK', 'Alerting', 'NoData', 'KeepLast']),
  execErrState: z.enum(['OK', 'Alerting', 'Error', 'KeepLast']),
  for: z.string(),
  folderUID: z.string(),
  labels: z.record(z.string(), z.string()),
  notification_settings: z
    .looseObject({ receiver: z.string(), mute_time_intervals: z.array(z.string()).optional() })
    .nullish(),
})
export const groupSchema = z.looseObject({ interval: z.int().positive().multipleOf(10), rules: z.array(ruleSchema) })

/** The state of Grafana's API; a test may read and change it. */
export function emptyGrafana() {
  return {
    folders: new Map<string, Stored>(),
    dataSources: new Map<string, Stored>(),
    contactPoints: new Map<string, Stored>([
      ['email', { uid: 'email', name: 'grafana-default-email', type: 'email', settings: {} }],
    ]),
    muteTimings: new Map<string, Stored>(),
    ruleGroups: new Map<string, Stored>(),
    dashboards: new Map<string, Stored>(),
    /** The contact points that the notification policy tree sends to. */
    policyReceivers: ['grafana-default-email'],
    /** The message of a data source that is not healthy, by uid. */
    unwell: new Map<string, string>(),
    /** The last notification of a contact point, by name. */
    notified: new Map<string, { lastNotifyAttempt: string; lastNotifyAttemptError?: string }>(),
    /** The last evaluation of a rule, by title. */
    evaluated: new Map<string, { health: string; lastError?: string }>(),
    /** Paths that this Grafana does not have. */
    missing: new Set<string>(),
    writes: [] as string[],
  }
}
export type GrafanaContent = ReturnType<typeof emptyGrafana>

export const found = (body: unknown): Answer =>
  body === undefined ? { status: 404, body: { message: 'not found' } } : { status: 200, body }
export const refused = (status: number, message: string): Answer => ({ status, body: { message } })

/** All rules, each with the name of its group. */
export const rulesOf = ({ ruleGroups }: GrafanaContent) =>
  [...ruleGroups].flatMap(([group, content]) => groupSchema.parse(content).rules.map((rule) => ({ ...rule, group })))
