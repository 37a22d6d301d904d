import * as z from 'zod/mini'
import { en } from 'zod/locales'
import { toDotPath } from 'zod/v4/core'

const textMap = z.record(z.string(), z.string())

/**
 * An alert as Grafana (version "1") and Prometheus Alertmanager (version "4") send it. Few fields are required, since releases add and
 * remove fields; an optional field of another type counts as missing. `values` holds the results of the rule's expressions, by refId; it
 * is null when one of them was NaN, and -1 means missing data (Grafana's documentation on no data and error states).
 */
const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: textMap,
  annotations: z.pipe(
    z.nullish(textMap),
    z.transform((annotations) => annotations ?? {}),
  ),
  startsAt: z.iso.datetime({ offset: true }),
  fingerprint: z.string().check(z.minLength(1)),
  values: z.transform((values): Readonly<Record<string, unknown>> => (typeof values === 'object' ? { ...values } : {})),
})

const notificationSchema = z.object({
  alerts: z.array(alertSchema),
  groupKey: z.transform((key) => (typeof key === 'string' ? key : '')),
})

export type Alert = z.infer<typeof alertSchema>
export type Notification = z.infer<typeof notificationSchema>

export type NotificationResult = { ok: true; notification: Notification } | { ok: false; problems: string[] }

// zod/mini has no messages of its own.
const inEnglish = en().localeError

const problemsNamed = 200

/** Reads a notification from the text of a request's body; every problem is named with its path, such as `alerts[0].status`. */
export function parseNotification(body: string): NotificationResult {
  const json = parseJson(body)
  if (!json.ok) return { ok: false, problems: [json.problem] }
  const result = notificationSchema.safeParse(json.value, { error: inEnglish })
  if (result.success) return { ok: true, notification: result.data }
  const problems = result.error.issues.map(({ path, message }) => `${toDotPath(path) || 'the body'}: ${message}`)
  const more = problems.length - problemsNamed
  return { ok: false, problems: more > 0 ? [...problems.slice(0, problemsNamed), `and ${more} more`] : problems }
}

function parseJson(body: string): { ok: true; value: unknown } | { ok: false; problem: string } {
  if (body.trim() === '') return { ok: false, problem: 'the body is empty' }
  try {
    const value: unknown = JSON.parse(body)
    return { ok: true, value }
  } catch {
    // V8's own message is not used: it quotes the body, which may hold a secret.
    return { ok: false, problem: 'the body is not JSON' }
  }
}
