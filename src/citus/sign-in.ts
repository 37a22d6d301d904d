import { entraToken } from '../azure/entra-token.ts'
import type { Database } from './database.ts'

export type SignedIn = { password: string; until: Date | undefined }

/**
 * The password or token to sign in with, and until when a connection opened with it may be used. The token is fetched first and passed as
 * a value: the process would end if the driver's password function rejected (postgres.js 3.4.9).
 * @throws UpstreamError azure-refused or azure-unavailable when there is no token
 */
export async function signIn({ password, entraScope }: Database): Promise<SignedIn> {
  if (entraScope === undefined) return { password, until: undefined }
  const { token, until } = await entraToken(entraScope)
  return { password: token, until }
}
