import { singleFlight } from '../single-flight.ts'
import { UpstreamError } from '../upstream-error.ts'
import { isTimeUp, within } from '../within.ts'
import { appIdentity, identityAdvice, isNoToken } from './app-identity.ts'

const tokenMilliseconds = 4_000
const lastMinutes = 5

/** A token, and until when it may be used: some minutes before it expires. */
export type EntraToken = { token: string; until: Date }

const asks = singleFlight<string, EntraToken>()
const newest = new Map<string, EntraToken>()

/**
 * A token of Microsoft Entra ID, with which the app's identity signs in to PostgreSQL. Concurrent calls share one request.
 * @throws UpstreamError azure-unavailable without a clear answer in time, azure-refused when there is no identity or it gets no token
 */
export async function entraToken(scope: string): Promise<EntraToken> {
  const { result } = await asks(scope, async () => {
    try {
      const token = await fetchToken(scope)
      newest.set(scope, token)
      return token
    } catch (error) {
      // From half of a token's lifetime on, the SDK requests a new one and waits for it (msal-node 5, ManagedIdentityApplication).
      const last = newest.get(scope)
      if (last && last.until.getTime() > Date.now()) return last
      throw failure(error)
    }
  })
  return result
}

/** The SDK caches the token until 5 minutes before it expires. It ignores the signal here: a request that hangs can't be cancelled. */
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
  if (isTimeUp(error) || (isNoToken(error) && error.isTransient))
    return new UpstreamError(
      'azure-unavailable',
      `${message} (the next notification tries again; if it keeps failing, restart the function app)`,
      { ...code, cause: error },
    )
  return new UpstreamError('azure-refused', `${message} (${identityAdvice})`, { ...code, cause: error })
}
