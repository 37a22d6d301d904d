import type { TokenCredential } from '@azure/identity'
import * as z from 'zod/mini'

/** Thrown when no credential yields a token; the message has what each credential that was tried answered. */
class NoToken extends Error {
  readonly code = 'NO_TOKEN'
  /** Whether a later attempt may succeed: there was no answer, or no clear refusal. */
  readonly isTransient: boolean

  constructor(message: string, isTransient: boolean, cause: unknown) {
    super(message, { cause })
    this.isTransient = isTransient
  }
}

/**
 * Recognised by its code, since the build renames classes. Some errors of @azure/identity carry the HTTP status of the token endpoint,
 * which must not be mistaken for an answer of ARM.
 */
export const isNoToken = (error: unknown): error is NoToken =>
  error instanceof Error && 'code' in error && error.code === 'NO_TOKEN'

/** What to do when there is no token. */
export const identityAdvice = 'give the function app its managed identity, or sign in with az login on your machine'

let identity: Promise<TokenCredential> | undefined

/**
 * The function app's managed identity; on a developer's machine, the user who signed in with `az login`. One per process, since it
 * caches its tokens.
 */
export const appIdentity = (): Promise<TokenCredential> => (identity ??= createIdentity())

async function createIdentity(): Promise<TokenCredential> {
  const credential = await createCredential()
  return {
    getToken: (scopes, options) =>
      credential.getToken(scopes, options).catch((cause: unknown) => {
        const tried = triesOf(cause)
        const message = `authentication failed: ${tried.map(brief).join('; ')}`
        throw new NoToken(message, tried.some(isTransient), cause)
      }),
  }
}

/**
 * The credential that DefaultAzureCredential would choose. When AZURE_TOKEN_CREDENTIALS is set, as infra/ does, DefaultAzureCredential
 * ignores its retry options and retries a broken endpoint six times in 30 s (@azure/identity 4.13), longer than a request may take. One
 * retry is enough for an endpoint that is not ready when the app starts.
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
  /** MSAL's error: it has a code, and the HTTP status if the endpoint answered. */
  cause: z.optional(z.object({ errorCode: z.optional(z.string()), status: z.optional(z.number()) })),
})

/** The error of each credential in a chain; the message of the chain itself does not begin with any of them. */
const triesOf = (error: unknown): unknown[] => triedSchema.safeParse(error).data?.errors ?? [error]

/** MSAL reports an answer that is not JSON as a network error too, and throws a TypeError for an empty one. */
const isUnreadable = (error: unknown): boolean =>
  errorSchema.safeParse(error).data?.cause?.errorCode === 'network_error' ||
  (error instanceof Error && error.cause instanceof TypeError)

function isTransient(error: unknown): boolean {
  const status = errorSchema.safeParse(error).data?.cause?.status ?? 0
  return isUnreadable(error) || status === 408 || status === 429 || status >= 500
}

/** What the token endpoint answered if it did, else the first sentences of the message: at least 60 characters where there are as many. */
function brief(error: unknown): string {
  if (isUnreadable(error)) return 'its endpoint gave no answer, or one that is not JSON'
  const { errorResponse, message, cause } = errorSchema.safeParse(error).data ?? { message: String(error) }
  const description = /Description: (.*?) - Correlation ID/s.exec(message)?.[1]
  if (cause?.status && description) return `its endpoint answered ${cause.status}: ${description}`
  const [line = ''] = (errorResponse?.errorDescription ?? message).split(/\r?\n/, 1)
  return /^.{60,}?(?=\.(\s|$))/.exec(line)?.[0] ?? line
}
