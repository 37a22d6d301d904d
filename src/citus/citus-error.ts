import * as z from 'zod/mini'
import { isUpstreamError, UpstreamError } from '../upstream-error.ts'
import { hintFor, type SignsInBy } from './hint-for.ts'
import { codeOf, isSilence } from './is-silence.ts'

// What the server, or a pooler in its place, reports. Told by its SQLSTATE, which has a digit, unlike node's EPIPE: a build renames the
// driver's class, and with it the error's name.
const serverErrorSchema = z.object({
  code: z.string().check(z.regex(/^(?=.*\d)[0-9A-Z]{5}$/)),
  severity: z.optional(z.string()),
  severity_local: z.optional(z.string()),
  message: z._default(z.string(), 'no message'),
  hint: z.optional(z.string()),
})

export type ServerError = z.infer<typeof serverErrorSchema>

/** The error that the server reported, or undefined when it was not the server that reported one. */
export const serverError = (error: unknown): ServerError | undefined => serverErrorSchema.safeParse(error).data

// Classes of SQLSTATE that speak of the server's condition and not of the request: insufficient resources, operator intervention (a
// cancelled statement too), a lock not had in time, connection exceptions (PostgreSQL, appendix A). But 08P01 and 08004 are what
// poolers answer to a wrong password or an unknown database (pgbouncer#778): a person has to look.
const passing = /^(53|57|55P03|08(?!P01|004))/

/** Whether the connection can't be used any more: whatever it was, the server did not report it on a statement. */
export const isConnectionLost = (error: unknown): boolean => {
  const server = serverError(error)
  return !server || (server.severity ?? server.severity_local) !== 'ERROR'
}

/**
 * Turns whatever the driver threw into the contract's answer: `citus-refused` where it will be the same the next time, and
 * `citus-unavailable` where the coordinator is silent, overloaded or restarting. `tried` completes "The coordinator, asked to …".
 */
export function citusFailure(tried: string, error: unknown, signsInBy: SignsInBy = 'password'): UpstreamError {
  if (isUpstreamError(error)) return error
  const asked = `The coordinator, asked to ${tried},`
  const server = serverError(error)
  if (server) {
    const { code, message } = server
    const text = `${asked} answered SQLSTATE ${code}: ${message}${hintFor(server, signsInBy)}`
    return new UpstreamError(passing.test(code) ? 'citus-unavailable' : 'citus-refused', text, { code, cause: error })
  }
  const code = codeOf(error)
  const details = { cause: error, ...(code !== undefined && { code }) }
  const why = reasonGiven(error)
  if (isSilence(error)) return new UpstreamError('citus-unavailable', `${asked} is out of reach: ${why}`, details)
  return new UpstreamError(
    'citus-refused',
    `${asked} can't be asked: ${why}${hintFor({ code, message: why }, signsInBy)}`,
    details,
  )
}

// A failed attempt to reach several addresses has an empty message; those of its errors name them.
function reasonGiven(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given'
  const first: unknown = 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : undefined
  return error.message || (first instanceof Error && first.message) || codeOf(error) || 'no reason given'
}
