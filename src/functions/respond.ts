import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions'
import { reasons, type Reason } from '../scaling/reasons.ts'
import { readSettings, type Settings } from '../settings.ts'
import { UpstreamError } from '../upstream-error.ts'
import { answerBody, type Answer } from './answer.ts'
import { redactor } from './redact.ts'

/** What a function does with a request; `note` adds a field to the request's line in the log. */
export type Respond = (request: HttpRequest, settings: Settings, now: Date, note: Note) => Promise<Answer>
export type Note = (fields: Record<string, unknown>) => void

/**
 * Makes a handler for the Functions runtime: settings in, answer out, one structured line in the log a request. No secret gets into
 * either.
 */
export function handler(respond: Respond, statusOf = statusOfReason): HttpHandler {
  return async (request, context) => {
    const started = performance.now()
    const notes: Notes = {}
    const answer = await attempt(respond, request, (fields) => Object.assign(notes, fields))
    const milliseconds = Math.round(performance.now() - started)
    return send(answer, statusOf(answer.reason), { ...notes, milliseconds }, context)
  }
}

const statusOfReason = (reason: Reason): number => reasons[reason].status

async function attempt(respond: Respond, request: HttpRequest, note: Note): Promise<Answer> {
  const read = readSettings(process.env)
  if (!read.ok) {
    const message = `Settings are missing or wrong: ${read.problems.join('; ')}.`
    return { reason: 'misconfigured', message, problems: read.problems }
  }
  try {
    return await respond(request, read.settings, new Date(), note)
  } catch (error) {
    // Anything else is a defect of ours: the host answers 500, logs it, and Grafana asks again.
    if (!(error instanceof UpstreamError)) throw error
    const { reason, message, code, until } = error
    return { reason, message, ...(code && { code }), ...(until && { until }) }
  }
}

type Notes = Record<string, unknown>

function send(answer: Answer, status: number, notes: Notes, context: InvocationContext): HttpResponseInit {
  const redact = redactor(process.env)
  const body = answerBody(answer)
  const correlationId = context.invocationId
  const line = redact(JSON.stringify({ function: context.functionName, correlationId, status, ...body, ...notes }))
  if (status >= 500) context.error(line)
  else context.log(line)
  const headers = { 'content-type': 'application/json', 'x-correlation-id': correlationId }
  return { status, headers, body: redact(JSON.stringify(body)) }
}
