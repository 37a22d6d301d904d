import type { HttpRequest, InvocationContext } from '@azure/functions'
import { reasons } from '../scaling/reasons.ts'
import type { Settings, SettingsResult } from '../settings.ts'
import { isUpstreamError } from '../upstream-error.ts'
import { answerBody, type Answer } from './answer.ts'
import { redactedJson } from './redact.ts'

/** What a function does with a request; `note` adds fields to the request's line in the log. */
export type Respond = (request: HttpRequest, settings: Settings, now: Date, note: Note) => Promise<Answer>
export type Note = (fields: Record<string, unknown>) => void

/** What a function gets from outside itself: the app settings, by name and as they were read, and the time. */
export type Surroundings = {
  environment: Record<string, string | undefined>
  settings: () => SettingsResult
  now: () => Date
}

/** A handler of the Functions runtime, with an answer that is text already. */
export type Handler = (request: HttpRequest, context: InvocationContext) => Promise<JsonResponse>
export type JsonResponse = { status: number; headers: Record<string, string>; body: string }

/**
 * Makes a handler for the Functions runtime: settings in, answer out, one structured line in the log a request. No secret gets into
 * either.
 */
export function handler(respond: Respond, surroundings: Surroundings): Handler {
  const json = redactedJson(surroundings.environment)
  return async (request, context) => {
    const started = performance.now()
    const notes: Record<string, unknown> = {}
    const read = surroundings.settings()
    const note: Note = (fields) => Object.assign(notes, fields)
    const answer = read.ok
      ? await respond(request, read.settings, surroundings.now(), note).catch(upstreamAnswer)
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

/** The answer to what an upstream did. Anything else is a defect of ours: the host answers 500, logs it, and Grafana asks again. */
export function upstreamAnswer(error: unknown): Answer {
  if (!isUpstreamError(error)) throw error
  const { reason, message, code, until } = error
  return { reason, message, ...(code && { code }), ...(until && { until }) }
}

function log(context: InvocationContext, status: number, line: string): void {
  if (status >= 500) context.error(line)
  else context.log(line)
}
