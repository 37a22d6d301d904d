import type { TokenCredential } from '@azure/identity'

let credential: Promise<TokenCredential> | undefined

/** The app's identity in Azure, or `az login` on one's own machine; one per process, since it caches its tokens in itself. */
export function azureCredential(): Promise<TokenCredential> {
  credential ??= import('@azure/identity').then(({ DefaultAzureCredential }) => new DefaultAzureCredential())
  return credential
}
