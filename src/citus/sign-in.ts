import { entraToken } from '../azure/entra-token.ts'
import type { Database } from './database.ts'

export type SignedIn = { password: string; until: Date | undefined }

/**
 * What to sign in with, and until when a connection that was opened with it is to be used. The token is fetched beforehand and handed
 * over as a value: the driver ends the process when its password function rejects (postgres.js 3.4.9).
 * @throws UpstreamError azure-refused or azure-unavailable when there is no token
 */
export async function signIn({ password, entraScope }: Database): Promise<SignedIn> {
  if (entraScope === undefined) return { password, until: undefined }
  const { token, until } = await entraToken(entraScope)
  return { password: token, until }
}
