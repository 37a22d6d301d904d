import * as z from 'zod/mini'

/** What went wrong, by ARM or by a resource provider behind it. */
export type ArmCause = { code: string | undefined; message: string }

const text = z.transform((value) => (typeof value === 'string' || typeof value === 'number' ? String(value) : ''))

/** ARM's error, in an answer or in the record of a deployment. Any part may be missing, or of another type. */
const errorSchema = z.object({
  code: text,
  message: text,
  details: z.transform((details): unknown[] => [details].flat()),
})

/**
 * The code and message of the innermost details, which give the cause: `DeploymentFailed` is only a wrapper (Azure's troubleshooting page
 * on common deployment errors). Undefined when there are none.
 */
export function explainArmError(error: unknown): ArmCause | undefined {
  const causes = innermost(error)
  if (causes.length === 0) return undefined
  const message = causes.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ')
  return { code: causes.find(({ code }) => code !== '')?.code, message: message.replace(/\s+/g, ' ').trim() }
}

function innermost(error: unknown, depth = 0): { code: string; message: string }[] {
  const parsed = errorSchema.safeParse(error)
  if (!parsed.success) return []
  const { code, message, details } = parsed.data
  const inner =
    depth < 10 ? [...details, messageAsError(message)].flatMap((detail) => innermost(detail, depth + 1)) : []
  if (inner.length > 0) return inner
  return code || message ? [{ code, message }] : []
}

/** The message may hold the resource provider's answer as JSON. */
function messageAsError(message: string): unknown {
  if (!message.trimStart().startsWith('{')) return undefined
  try {
    return z.object({ error: z.unknown() }).safeParse(JSON.parse(message)).data?.error
  } catch {
    return undefined // not JSON after all: the message stays as it is
  }
}
