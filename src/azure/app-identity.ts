import type { TokenCredential } from '@azure/identity'
import * as z from 'zod/mini'

/** Thrown when nobody vouches for this process: what was tried, and what each said. */
class NoToken extends Error {
  readonly code = 'NO_TOKEN'
}

/**
 * By its code, which no build changes. Errors of @azure/identity are told by where they come from: some carry the status of the token's
 * endpoint, which would pass for an answer of ARM.
 */
export const isNoToken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'NO_TOKEN'

/** The function app's managed identity; on one's own machine, whoever signed in with `az login`. Its tokens are cached in it. */
export async function appIdentity(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity')
  const credential = new DefaultAzureCredential()
  return {
    getToken: (scopes, options) =>
      credential.getToken(scopes, options).catch((cause: unknown) => {
        throw new NoToken(`authentication failed: ${causes(cause).map(brief).join('; ')}`, { cause })
      }),
  }
}

const triedSchema = z.object({ errors: z.array(z.unknown()) })
const errorSchema = z.object({
  errorResponse: z.optional(z.object({ errorDescription: z.string() })),
  message: z.string(),
})

/** DefaultAzureCredential tries one after the other, and its own message begins with none of them. */
const causes = (error: unknown): unknown[] => triedSchema.safeParse(error).data?.errors ?? [error]

/** The first sentence that is long enough to say something; what the token's endpoint answered, where it did. */
function brief(error: unknown): string {
  const { errorResponse, message } = errorSchema.safeParse(error).data ?? { message: String(error) }
  const [line = ''] = (errorResponse?.errorDescription ?? message).split(/\r?\n/, 1)
  return /^.{60,}?(?=\.(\s|$))/.exec(line)?.[0] ?? line
}
