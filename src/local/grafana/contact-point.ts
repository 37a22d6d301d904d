import * as z from 'zod'
import type { ContactPoint as ContactPointFile } from '../../../grafana/apply/alerting-file.ts'

const webhookSchema = z.strictObject({
  url: z.url(),
  httpMethod: z.enum(['POST', 'PUT']).default('POST'),
  headers: z.record(z.string(), z.string()).default({}),
  hmacConfig: z
    .strictObject({
      secret: z.string(),
      header: z.string().default('X-Grafana-Alerting-Signature'),
      timestampHeader: z.string().optional(),
    })
    .optional(),
})

export type WebhookSettings = z.infer<typeof webhookSchema>

/** Where notifications go. An integration other than a webhook is for people: the stand-in reports it and sends nothing. */
export type Integration = { uid: string; disableResolveMessage: boolean } & (
  { kind: 'webhook'; settings: WebhookSettings } | { kind: 'other'; type: string }
)
export type ContactPoint = { name: string; integrations: readonly Integration[] }

/** Throws with the contact point's name when the settings of a webhook are not valid. */
export function readContactPoint({ name, receivers }: ContactPointFile): ContactPoint {
  const integrations = receivers.map(({ uid, type, disableResolveMessage, settings }): Integration => {
    if (type !== 'webhook') return { uid, disableResolveMessage, kind: 'other', type }
    const parsed = webhookSchema.safeParse(settings)
    if (!parsed.success)
      throw new Error(`contact point ${name}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error })
    return { uid, disableResolveMessage, kind: 'webhook', settings: parsed.data }
  })
  return { name, integrations }
}
