import { joining } from '../citus/joining.ts'
import { UpstreamError } from '../upstream-error.ts'
import { isTimeUp, within } from '../within.ts'
import { appIdentity, identityAdvice, isNoToken } from './app-identity.ts'

const tokenMilliseconds = 4_000
const lastMinutes = 5

/** A token, and until when it is to be used: some minutes before its end. */
export type EntraToken = { token: string; until: Date }

const asks = joining<string, EntraToken>()
const newest = new Map<string, EntraToken>()

/**
 * A token of Microsoft Entra ID, by which the app's identity signs in to PostgreSQL. Those who ask at the same time share one request.
 * @throws UpstreamError azure-unavailable when nobody answers in time or clearly, azure-refused when there is no identity or it gets no token
 */
export async function entraToken(scope: string): Promise<EntraToken> {
  const { result } = await asks(scope, async () => {
    try {
      const token = await fetchToken(scope)
      newest.set(scope, token)
      return token
    } catch (error) {
      // From half of a token's life on, the SDK asks for the next one and waits for it (msal-node 5, ManagedIdentityApplication).
      const last = newest.get(scope)
      if (last && last.until.getTime() > Date.now()) return last
      throw failure(error)
    }
  })
  return result
}

/** The SDK keeps the token until 5 minutes before its end. It takes no signal here: a request that hangs is left to itself. */
async function fetchToken(scope: string): Promise<EntraToken> {
  const credential = await appIdentity()
  const given = await within(tokenMilliseconds, (abortSignal) => credential.getToken(scope, { abortSignal }))
  if (!given || typeof given.token !== 'string' || given.token === '' || !(given.expiresOnTimestamp > 0))
    throw new Error('the answer holds no token')
  return { token: given.token, until: new Date(given.expiresOnTimestamp - lastMinutes * 60_000) }
}

function failure(error: unknown): UpstreamError {
  const why = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)
  const message = `Microsoft Entra ID, asked for a token for the database, gave none: ${why}`
  const code = isNoToken(error) ? { code: error.code } : {}
  if (isTimeUp(error) || (isNoToken(error) && error.isPassing))
    return new UpstreamError(
      'azure-unavailable',
      `${message} (it is asked again with the next notification; if it stays so, restart the function app)`,
      { ...code, cause: error },
    )
  return new UpstreamError('azure-refused', `${message} (${identityAdvice})`, { ...code, cause: error })
}
