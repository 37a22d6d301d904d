import type { TokenCredential } from '@azure/identity'
import * as z from 'zod/mini'

/** Thrown when nobody vouches for this process: what was tried, and what each said. */
class NoToken extends Error {
  readonly code = 'NO_TOKEN'
  /** Whether it may be another answer the next time: nobody answered, or not with a clear no. */
  readonly isPassing: boolean

  constructor(message: string, isPassing: boolean, cause: unknown) {
    super(message, { cause })
    this.isPassing = isPassing
  }
}

/**
 * By its code, which no build changes. Errors of @azure/identity are told by where they come from: some carry the status of the token's
 * endpoint, which would pass for an answer of ARM.
 */
export const isNoToken = (error: unknown): error is NoToken =>
  error instanceof Error && 'code' in error && error.code === 'NO_TOKEN'

/** What to do when there is no token. */
export const identityAdvice = 'give the function app its managed identity, or sign in with az login on your machine'

let identity: Promise<TokenCredential> | undefined

/**
 * The function app's managed identity; on one's own machine, whoever signed in with `az login`. One per process, since it caches its
 * tokens in itself.
 */
export const appIdentity = (): Promise<TokenCredential> => (identity ??= createIdentity())

async function createIdentity(): Promise<TokenCredential> {
  const credential = await createCredential()
  return {
    getToken: (scopes, options) =>
      credential.getToken(scopes, options).catch((cause: unknown) => {
        const tried = triesOf(cause)
        const message = `authentication failed: ${tried.map(brief).join('; ')}`
        throw new NoToken(message, tried.some(isPassing), cause)
      }),
  }
}

/**
 * As DefaultAzureCredential chooses. But with AZURE_TOKEN_CREDENTIALS, which infra/ sets, it ignores its options and asks a broken
 * endpoint six times in half a minute (@azure/identity 4.13): nobody would hear what it answered. One more try is for an endpoint that
 * is not up yet when the app starts.
 */
async function createCredential(): Promise<TokenCredential> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity')
  const retryOptions = { maxRetries: 1 }
  const { AZURE_TOKEN_CREDENTIALS: chosen = '', AZURE_CLIENT_ID: clientId } = process.env
  return chosen.trim().toLowerCase() === 'managedidentitycredential'
    ? new ManagedIdentityCredential({ retryOptions, ...(clientId && { clientId }) })
    : new DefaultAzureCredential({ retryOptions })
}

const triedSchema = z.object({ errors: z.array(z.unknown()) })
const errorSchema = z.object({
  errorResponse: z.optional(z.object({ errorDescription: z.string() })),
  message: z.string(),
  /** Of MSAL: its errors have a code, and the status where the endpoint answered with one of its own. */
  cause: z.optional(z.object({ errorCode: z.optional(z.string()), status: z.optional(z.number()) })),
})

/** A chain of credentials tries one after the other, and its own message begins with none of them. */
const triesOf = (error: unknown): unknown[] => triedSchema.safeParse(error).data?.errors ?? [error]

/** MSAL calls an answer that is no JSON a network error as well, and fails over one that is empty. */
const isUnreadable = (error: unknown): boolean =>
  errorSchema.safeParse(error).data?.cause?.errorCode === 'network_error' ||
  (error instanceof Error && error.cause instanceof TypeError)

function isPassing(error: unknown): boolean {
  const status = errorSchema.safeParse(error).data?.cause?.status ?? 0
  return isUnreadable(error) || status === 408 || status === 429 || status >= 500
}

/** The first sentence that is long enough to say something; what the token's endpoint answered, where it did. */
function brief(error: unknown): string {
  if (isUnreadable(error)) return 'its endpoint gave no answer, or one that is not JSON'
  const { errorResponse, message, cause } = errorSchema.safeParse(error).data ?? { message: String(error) }
  const description = /Description: (.*?) - Correlation ID/s.exec(message)?.[1]
  if (cause?.status && description) return `its endpoint answered ${cause.status}: ${description}`
  const [line = ''] = (errorResponse?.errorDescription ?? message).split(/\r?\n/, 1)
  return /^.{60,}?(?=\.(\s|$))/.exec(line)?.[0] ?? line
}
