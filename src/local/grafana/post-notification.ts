import type { WebhookSettings } from './contact-point.ts'
import { notificationHeaders } from './notification-body.ts'

/** Grafana's webhook gives up after 30 seconds, whatever is set (grafana/grafana#73657). */
const timeoutMs = 30_000

export type PostResult = { delivered: boolean; status: number; answer: string } | { delivered: false; problem: string }

/** Posts a notification; anything but a 2xx in time means that it was not delivered. */
export async function postNotification(
  settings: WebhookSettings,
  body: string,
  { now, signal, fetch: send = fetch }: { now: Date; signal: AbortSignal; fetch?: typeof fetch | undefined },
): Promise<PostResult> {
  try {
    const response = await send(settings.url, {
      method: settings.httpMethod,
      headers: notificationHeaders(settings, body, now),
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    return { delivered: response.ok, status: response.status, answer: await response.text() }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    return { delivered: false, problem: `${error instanceof Error ? error.message : String(error)}${cause}` }
  }
}
