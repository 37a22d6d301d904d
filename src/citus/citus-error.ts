import * as z from 'zod/mini'
import { $ZodError } from 'zod/v4/core'
import { UpstreamError } from '../upstream-error.ts'
import { TimeUp } from '../within.ts'

const serverErrorSchema = z.object({
  name: z.literal('PostgresError'),
  code: z.string(),
  message: z.string(),
  hint: z.optional(z.string()),
})

// Classes of SQLSTATE that speak of the server's condition and not of the request: it may go better the next time. Insufficient
// resources, operator intervention (a cancelled statement too), connection exceptions, and a lock not had in time (PostgreSQL, appendix A).
const passing = /^(08|53|57|55P03)/

/**
 * Turns whatever the driver threw, or a parser of what the coordinator answered, into the contract's answer. `tried` completes
 * "The coordinator, asked to …".
 */
export function citusFailure(tried: string, error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error
  if (error instanceof $ZodError) {
    const where = error.issues.map(({ path }) => path.join('.')).join(', ')
    const text = `The coordinator, asked to ${tried}, answered what no Citus that is known here does: see ${where}`
    return new UpstreamError('citus-refused', text, { cause: error })
  }
  const server = serverErrorSchema.safeParse(error)
  if (!server.success) {
    const why = error instanceof TimeUp ? error.message : connectionFailure(error)
    return new UpstreamError('citus-unavailable', `The coordinator, asked to ${tried}, is out of reach: ${why}`, {
      cause: error,
    })
  }
  const { code, message, hint } = server.data
  const text = `The coordinator, asked to ${tried}, answered SQLSTATE ${code}: ${message}${nextStep(code, hint)}`
  return new UpstreamError(passing.test(code) ? 'citus-unavailable' : 'citus-refused', text, { code, cause: error })
}

function nextStep(code: string, hint: string | undefined): string {
  if (code === '42883' || code === '42P01') return ' (is Citus installed in the database that PG_CONNECTION_URL names?)'
  if (code === '42501') return ' (the role needs what sql/ grants to autoscaler_function)'
  if (code === '28P01' || code === '28000') return ' (check the user and password in PG_CONNECTION_URL)'
  return hint ? ` (${hint})` : ''
}

// The driver's connection errors carry a code such as ECONNREFUSED or CONNECT_TIMEOUT. Their message names host and port; a failed
// connection attempt to several addresses has an empty one.
function connectionFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return error.message ? error.message : code
}
