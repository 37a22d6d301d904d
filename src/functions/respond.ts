import type { HttpRequest, InvocationContext } from '@azure/functions'
import { reasons } from '../scaling/reasons.ts'
import type { Settings, SettingsResult } from '../settings.ts'
import { isUpstreamError } from '../upstream-error.ts'
import { answerBody, type Answer } from './answer.ts'
import { redactedJson } from './redact.ts'

/** Answers a request; `note` adds fields to the log line of the request. */
export type Respond = (request: HttpRequest, settings: Settings, now: Date, note: Note) => Promise<Answer>
export type Note = (fields: Record<string, unknown>) => void

/** `environment` holds the app settings as text, `settings` returns them parsed. */
export type HandlerOptions = {
  environment: Record<string, string | undefined>
  settings: () => SettingsResult
  now: () => Date
}

/** A handler for the Functions runtime whose answer is already serialized. */
export type Handler = (request: HttpRequest, context: InvocationContext) => Promise<JsonResponse>
export type JsonResponse = { status: number; headers: Record<string, string>; body: string }

/**
 * Makes a handler for the Functions runtime. It writes one structured log line per request; neither the line nor the answer holds a
 * secret.
 */
export function handler(respond: Respond, options: HandlerOptions): Handler {
  const json = redactedJson(options.environment)
  return async (request, context) => {
    const started = performance.now()
    const notes: Record<string, unknown> = {}
    const read = options.settings()
    const note: Note = (fields) => Object.assign(notes, fields)
    const answer = read.ok
      ? await respond(request, read.settings, options.now(), note).catch(upstreamAnswer)
      : misconfigured(read.problems)
    const body = answerBody(answer)
    const { status } = reasons[answer.reason]
    const correlationId = context.invocationId
    const milliseconds = Math.round(performance.now() - started)
    const line = { function: context.functionName, correlationId, status, ...body, ...notes, milliseconds }
    log(context, status, json(line))
    const headers = { 'content-type': 'application/json', 'x-correlation-id': correlationId }
    return { status, headers, body: json(body) }
  }
}

function misconfigured(problems: string[]): Answer {
  return { reason: 'misconfigured', message: `Settings are missing or wrong: ${problems.join('; ')}.`, problems }
}

/** The answer for an UpstreamError. Any other error is a defect: the host logs it and answers 500, and Grafana retries. */
export function upstreamAnswer(error: unknown): Answer {
  if (!isUpstreamError(error)) throw error
  const { reason, message, code, until } = error
  return { reason, message, ...(code && { code }), ...(until && { until }) }
}

function log(context: InvocationContext, status: number, line: string): void {
  if (status >= 500) context.error(line)
  else context.log(line)
}
