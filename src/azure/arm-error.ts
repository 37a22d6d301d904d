import * as z from 'zod/mini'
import { isUpstreamError, UpstreamError } from '../upstream-error.ts'
import { identityAdvice, isNoToken } from './app-identity.ts'
import { armAdvice } from './arm-advice.ts'
import { explainArmError, type ArmCause } from './explain-arm-error.ts'

const text = z.transform((value) => (typeof value === 'string' ? value : ''))

/**
 * The fields of the SDK's error; its class can't be used, since the build renames it. Code and message come from the answer and may have
 * any type; `details` is the body, if that was JSON.
 */
const restErrorSchema = z.object({
  statusCode: z.optional(z.number()),
  code: text,
  message: text,
  details: z.optional(z.unknown()),
})

const ownErrorSchema = z.object({ error: z.unknown() })

type Headers = { get(name: string): string | undefined }
const headersSchema = z.object({
  response: z.object({
    headers: z.custom<Headers>((headers) => typeof headers === 'object' && headers !== null && 'get' in headers),
  }),
})

export type ArmAnswer = ArmCause & { status: number }

/** What ARM answered; undefined when it did not: network error, time-out, no token. */
export function armAnswer(error: unknown): ArmAnswer | undefined {
  const rest = restErrorSchema.safeParse(error).data
  if (rest?.statusCode === undefined) return undefined
  const { statusCode: status, code, message, details } = rest
  if (code === 'PARSE_ERROR' && status < 400) return undefined
  const cause = explainArmError(ownErrorSchema.safeParse(details).data?.error) ?? explainArmError(details)
  return { status, ...(cause ?? { code: undefined, message: unexplained(message) }) }
}

/** Converts an error of a request to ARM into an UpstreamError. `tried` completes "Azure Resource Manager, asked to …". */
export function armFailure(tried: string, error: unknown, now: Date): UpstreamError {
  if (isUpstreamError(error)) return error
  const answer = armAnswer(error)
  if (!answer) return withoutAnswer(tried, error)
  const { status, code, message } = answer
  const busy = status === 408 || status === 429 || status >= 500
  const until = busy ? retryAfter(error, now) : undefined
  const text = `Azure Resource Manager, asked to ${tried}, answered ${status}: ${message}${armAdvice(code)}`
  return new UpstreamError(busy ? 'azure-unavailable' : 'azure-refused', text, {
    cause: error,
    ...(code && { code }),
    ...(until && { until }),
  })
}

function withoutAnswer(tried: string, error: unknown): UpstreamError {
  const { message = '', code } = restErrorSchema.safeParse(error).data ?? {}
  const next = isNoToken(error) ? ` (${identityAdvice})` : ''
  const reason = isNoToken(error) && !error.isTransient ? 'azure-refused' : 'azure-unavailable'
  const text = `Azure Resource Manager, asked to ${tried}, gave no usable answer: ${firstLine(message)}${next}`
  return new UpstreamError(reason, text, { cause: error, ...(code && { code }) })
}

function retryAfter(error: unknown, now: Date): Date | undefined {
  const header = headersSchema.safeParse(error).data?.response.headers.get('retry-after')
  if (!header) return undefined
  const at = new Date(/^\d+$/.test(header) ? now.getTime() + Number(header) * 1000 : header)
  return Number.isNaN(at.getTime()) ? undefined : at
}

// ARM answers in JSON: an HTML page comes from a proxy, a gateway or a firewall in front of it.
const unexplained = (message: string) =>
  /^\s*</.test(message) ? 'a web page, probably of a proxy or firewall in front of it' : firstLine(message)

const firstLine = (message: string) => message.split(/\r?\n/, 1)[0] || 'no reason given'
