import * as z from 'zod/mini'
import { UpstreamError } from '../upstream-error.ts'
import { TimeUp } from '../within.ts'

/** ARM's error as it stands in an answer or in a deployment's record; details nest, and their messages may be JSON themselves. */
type ArmError = {
  code?: string | null | undefined
  message?: string | null | undefined
  details?: ArmError[] | null | undefined
}

const armErrorSchema: z.ZodMiniType<ArmError> = z.lazy(() =>
  z.object({
    code: z.nullish(z.string()),
    message: z.nullish(z.string()),
    details: z.nullish(z.array(armErrorSchema)),
  }),
)

/**
 * The code and message that say what is wrong: those of the innermost details, since `DeploymentFailed` is a wrapper only
 * (Azure's troubleshooting page on common deployment errors).
 */
export function explainArmError(error: unknown): { code: string; message: string } {
  const parsed = armErrorSchema.safeParse(error)
  if (!parsed.success) return { code: 'Unknown', message: 'no error details were recorded' }
  const causes = innermost(parsed.data)
  const message = causes.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ')
  return { code: causes[0]?.code ?? parsed.data.code ?? 'Unknown', message }
}

function innermost(error: ArmError, depth = 0): ArmError[] {
  const inner = depth < 10 ? [...(error.details ?? []), ...messageAsError(error.message)] : []
  return inner.length > 0 ? inner.flatMap((detail) => innermost(detail, depth + 1)) : [error]
}

function messageAsError(message: ArmError['message']): ArmError[] {
  if (!message?.trimStart().startsWith('{')) return []
  try {
    const json: unknown = JSON.parse(message)
    const wrapped = z.object({ error: armErrorSchema }).safeParse(json)
    return wrapped.success ? [wrapped.data.error] : []
  } catch {
    return [] // a message that only begins like JSON is a message for people
  }
}

const restErrorSchema = z.object({
  statusCode: z.optional(z.number()),
  code: z.optional(z.string()),
  message: z.string(),
})

/** An answer of ARM's own says more than the SDK's error does. */
const answeredSchema = z.object({ details: z.object({ error: armErrorSchema }) })

type Headers = { get(name: string): string | undefined }
const headersSchema = z.object({
  response: z.object({
    headers: z.custom<Headers>((headers) => typeof headers === 'object' && headers !== null && 'get' in headers),
  }),
})

export type ArmAnswer = { status: number; code: string; message: string }

/** What ARM answered, if the error carries an answer of its own: undefined for a broken network, a time-out, a missing token. */
export function armAnswer(error: unknown): ArmAnswer | undefined {
  const rest = restErrorSchema.safeParse(error)
  if (!rest.success || rest.data.statusCode === undefined || rest.data.code === 'PARSE_ERROR') return undefined
  const { statusCode, code, message } = rest.data
  const answered = answeredSchema.safeParse(error)
  const explained = answered.success
    ? explainArmError(answered.data.details.error)
    : { code: code ?? 'Unknown', message: firstLine(message) }
  return { status: statusCode, ...explained }
}

/** Turns whatever a request to ARM threw into the contract's answer. `tried` completes "Azure Resource Manager, asked to …". */
export function armFailure(tried: string, error: unknown, now: Date): UpstreamError {
  if (error instanceof UpstreamError) return error
  const answer = armAnswer(error)
  if (!answer) return unavailable(tried, error)
  const busy = answer.status === 408 || answer.status === 429 || answer.status >= 500
  const until = busy ? retryAfter(error, now) : undefined
  const message = `Azure Resource Manager, asked to ${tried}, answered ${answer.status}: ${answer.message}`
  return new UpstreamError(busy ? 'azure-unavailable' : 'azure-refused', `${message}${nextStep(answer)}`, {
    code: answer.code,
    cause: error,
    ...(until && { until }),
  })
}

// Of @azure/identity: nobody vouches for this process.
const noToken = /^(Aggregate)?Authentication(Required)?Error$|^CredentialUnavailableError$/

function unavailable(tried: string, error: unknown): UpstreamError {
  const { message, code } = restErrorSchema.safeParse(error).data ?? { message: 'no reason given' }
  const why = error instanceof TimeUp ? error.message : firstLine(message)
  const isTokenMissing = error instanceof Error && noToken.test(error.name)
  const next = isTokenMissing
    ? ' (give the function app its managed identity, or sign in with az login on your machine)'
    : ''
  const text = `Azure Resource Manager, asked to ${tried}, gave no usable answer: ${why}${next}`
  return new UpstreamError('azure-unavailable', text, { cause: error, ...(code && { code }) })
}

function nextStep({ status, code }: ArmAnswer): string {
  if (status === 401) return ' (check the managed identity and its tenant)'
  if (status === 403) return ' (give the identity of the function app its role on the resource group of the cluster)'
  if (status === 404) return ' (check CLUSTER_NAME, AZURE_RESOURCE_GROUP and AZURE_SUBSCRIPTION_ID)'
  return /quota/i.test(code) ? ' (ask Azure for more quota, or lower SCALE_OUT_MAX_WORKERS)' : ''
}

function retryAfter(error: unknown, now: Date): Date | undefined {
  const header = headersSchema.safeParse(error).data?.response.headers.get('retry-after')
  if (!header) return undefined
  const at = new Date(/^\d+$/.test(header) ? now.getTime() + Number(header) * 1000 : header)
  return Number.isNaN(at.getTime()) ? undefined : at
}

const firstLine = (message: string) => message.split('\n', 1)[0] ?? ''
