import { UpstreamError } from '../upstream-error.ts'
import { isTimeUp, within } from '../within.ts'
import { appIdentity } from './app-identity.ts'

const tokenMilliseconds = 4_000

// One per process, since it caches its tokens in itself.
let identity: ReturnType<typeof appIdentity> | undefined

/**
 * A token of Microsoft Entra ID, by which the app's identity signs in to PostgreSQL.
 * @throws UpstreamError azure-unavailable when nobody answers in time, azure-refused when there is no identity or it gets no token
 */
export async function entraToken(scope: string): Promise<{ token: string; expiresAt: Date }> {
  try {
    identity ??= appIdentity()
    const credential = await identity
    const given = await within(tokenMilliseconds, (abortSignal) => credential.getToken(scope, { abortSignal }))
    if (!given || typeof given.token !== 'string' || given.token === '' || !(given.expiresOnTimestamp > 0))
      throw new Error('the answer holds no token')
    return { token: given.token, expiresAt: new Date(given.expiresOnTimestamp) }
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)
    const message = `Microsoft Entra ID, asked for a token for the database, gave none: ${why}`
    if (isTimeUp(error))
      throw new UpstreamError('azure-unavailable', `${message} (asked again with the next notification)`, {
        cause: error,
      })
    throw new UpstreamError(
      'azure-refused',
      `${message} (give the function app its managed identity, or sign in with az login on your machine)`,
      { cause: error },
    )
  }
}
