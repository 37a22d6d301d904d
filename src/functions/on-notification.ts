import type { HttpRequest } from '@azure/functions'
import type { Settings } from '../settings.ts'
import { parseNotification, type Alert } from '../webhook/notification.ts'
import { proofIn, type Proof } from '../webhook/signature.ts'
import { triage, type Action, type Address, type AlertCounts } from '../webhook/triage.ts'
import type { Answer } from './answer.ts'
import { readBody } from './read-body.ts'
import { upstreamAnswer, type Note, type Respond } from './respond.ts'

const largestBody = 1024 * 1024

type Received =
  { kind: 'act'; firing: readonly [Alert, ...Alert[]]; counts: AlertCounts } | { kind: 'answer'; answer: Answer }

/** What a function does when alerts fire for it. */
export type Act = (firing: readonly [Alert, ...Alert[]], settings: Settings, now: Date, note: Note) => Promise<Answer>

/** Makes a function that acts on notifications addressed to it. Its answer counts the alerts by verdict. */
export function onNotification(action: Action, act: Act): Respond {
  return async (request, settings, now, note) => {
    const received = await receiveNotification(request, settings, now, action)
    if (received.kind === 'answer') return received.answer
    note({ askedBy: namesOf(received.firing) })
    const answer = await act(received.firing, settings, now, note).catch(upstreamAnswer)
    return { ...answer, alerts: received.counts }
  }
}

const namesOf = (alerts: readonly Alert[]) =>
  [...new Set(alerts.map(({ labels }) => labels.alertname ?? 'an alert'))].join(', ')

/** Checks and parses the request: returns the alerts that need action, or the answer when none does. */
async function receiveNotification(
  request: HttpRequest,
  settings: Settings,
  now: Date,
  action: Action,
): Promise<Received> {
  const proof = proofOf(request, settings, now)
  if (proof.kind === 'missing') return unauthorized(proof.why)
  const body = await readBody(request, largestBody)
  if (!body) return tooLarge
  const cut = body.byteLength === 0 && request.headers.get('content-length') === null ? ` ${withoutLength}` : ''
  if (proof.kind === 'signature' && !proof.covers(body)) return unauthorized(notSigned, cut)
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? ''))
    return reply('unsupported-media-type', 'A notification is sent as Content-Type: application/json.')
  const parsed = parseNotification(new TextDecoder().decode(body))
  if (!parsed.ok) {
    const message = `This is no notification of Grafana or Alertmanager: ${parsed.problems.join('; ')}.${cut}`
    return { kind: 'answer', answer: { reason: 'bad-request', message, problems: parsed.problems } }
  }
  const address = { action, cluster: settings.CLUSTER_NAME }
  const judged = triage(parsed.notification, address)
  if (judged.kind === 'act') return judged
  const message = judged.reason === 'not-ours' ? notOurs(address) : ignored[judged.reason]
  const answer = { reason: judged.reason, message, alerts: judged.counts }
  return { kind: 'answer', answer }
}

const reply = (reason: Answer['reason'], message: string): Received => ({ kind: 'answer', answer: { reason, message } })

const unauthorized = (why: string, more = '') =>
  reply('unauthorized', `No valid signature or bearer secret: ${why}.${more}`)
const notSigned =
  'its signature was not made with one of WEBHOOK_SECRETS over this body, so the contact point has another secret, or something in between changed the body'
const withoutLength =
  'The request has no Content-Length: the Functions host drops a body with chunked encoding, so send it with a length.'
const tooLarge = reply('payload-too-large', 'A notification has at most 1 MiB: group fewer alerts, or set maxAlerts.')

const ignored = {
  resolved: 'No alert in it fires: there is nothing to do.',
  'test-alert': 'The test alert arrived: this contact point works.',
  'no-data':
    'The alerts fire because of missing data or a failed query, not because of a measurement: nothing is done.',
} as const

const notOurs = ({ action, cluster }: Address) =>
  `No alert in it is addressed to this function: its label action must be ${action}, and its label cluster, if it has one, ${cluster}.`

function proofOf({ headers }: HttpRequest, settings: Settings, now: Date): Proof {
  const { WEBHOOK_SECRETS: secrets, WEBHOOK_TOLERANCE_SECONDS: toleranceSeconds } = settings
  if (secrets.length === 0) return { kind: 'given' }
  const header = (name: string) => headers.get(name) ?? undefined
  const given = {
    authorization: header('authorization'),
    signature: header('x-grafana-alerting-signature'),
    timestamp: header('x-grafana-alerting-timestamp'),
  }
  return proofIn(given, { secrets, toleranceSeconds }, now)
}
