import * as z from 'zod/mini'
import { isUpstreamError, UpstreamError } from '../upstream-error.ts'
import { hintFor, type SignsInBy } from './hint-for.ts'
import { codeOf, isSilence } from './is-silence.ts'

// An error reported by the server or by a pooler. Recognised by its SQLSTATE, which has a digit, unlike Node's EPIPE: the build renames
// the driver's error class.
const serverErrorSchema = z.object({
  code: z.string().check(z.regex(/^(?=.*\d)[0-9A-Z]{5}$/)),
  severity: z.optional(z.string()),
  severity_local: z.optional(z.string()),
  message: z._default(z.string(), 'no message'),
  hint: z.optional(z.string()),
})

export type ServerError = z.infer<typeof serverErrorSchema>

/** The error as the server reported it; undefined for any other error. */
export const serverError = (error: unknown): ServerError | undefined => serverErrorSchema.safeParse(error).data

// Classes of SQLSTATE that concern the state of the server, not the request: insufficient resources, operator intervention (including a
// cancelled statement), lock not available, connection exceptions (PostgreSQL, appendix A). Not 08P01 and 08004: poolers answer these to a
// wrong password or an unknown database (pgbouncer#778), and a person has to look.
const transient = /^(53|57|55P03|08(?!P01|004))/

/** Whether the connection is unusable: true for every error except one that the server reported for a statement. */
export const isConnectionLost = (error: unknown): boolean => {
  const server = serverError(error)
  return !server || (server.severity ?? server.severity_local) !== 'ERROR'
}

/**
 * Converts an error of the driver into an UpstreamError: `citus-refused` when a retry would fail the same way, `citus-unavailable` when
 * the coordinator is silent, overloaded or restarting. `tried` completes "The coordinator, asked to …".
 */
export function citusFailure(tried: string, error: unknown, signsInBy: SignsInBy = 'password'): UpstreamError {
  if (isUpstreamError(error)) return error
  const asked = `The coordinator, asked to ${tried},`
  const server = serverError(error)
  if (server) {
    const { code, message } = server
    const text = `${asked} answered SQLSTATE ${code}: ${message}${hintFor(server, signsInBy)}`
    return new UpstreamError(transient.test(code) ? 'citus-unavailable' : 'citus-refused', text, { code, cause: error })
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

// The error of a connection attempt to several addresses has an empty message; the errors in it have one.
function reasonGiven(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given'
  const first: unknown = 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : undefined
  return error.message || (first instanceof Error && first.message) || codeOf(error) || 'no reason given'
}
