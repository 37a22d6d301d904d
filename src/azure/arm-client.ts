import type { ResourceManagementClient } from '@azure/arm-resources'
import { appIdentity } from './app-identity.ts'

export type ArmScope = { endpoint: string; subscriptionId: string }

let last: { scope: ArmScope; client: Promise<ResourceManagementClient> } | undefined

/**
 * The client of a subscription, one per process, since the credential caches its tokens. SDK and identity are loaded on first use: most
 * notifications need neither.
 */
export function armClient(scope: ArmScope): Promise<ResourceManagementClient> {
  if (last?.scope.endpoint !== scope.endpoint || last.scope.subscriptionId !== scope.subscriptionId)
    last = { scope, client: createClient(scope) }
  return last.client
}

async function createClient({ endpoint, subscriptionId }: ArmScope): Promise<ResourceManagementClient> {
  const { ResourceManagementClient } = await import('@azure/arm-resources')
  // No retries: Grafana sends the notification again at its next flush, and a second PUT would be refused because of the first.
  const options = { endpoint, retryOptions: { maxRetries: 0 } }
  if (new URL(endpoint).protocol === 'https:') {
    return freshConnections(new ResourceManagementClient(await appIdentity(), subscriptionId, options), endpoint)
  }
  // Only a loopback address may be plain http (see settings). No token is sent there: the SDK never sends one over http.
  const noToken = { getToken: () => Promise.resolve(null) }
  const client = new ResourceManagementClient(noToken, subscriptionId, { ...options, allowInsecureConnection: true })
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' })
  return freshConnections(client, endpoint)
}

// Notifications are minutes apart: the other side may close a kept connection at the moment when it is used again, and there are no
// retries. The SDK's disableKeepAlive uses Node's global agents, which keep connections alive since Node 19. A proxy's agent is kept.
async function freshConnections(client: ResourceManagementClient, endpoint: string): Promise<ResourceManagementClient> {
  const { Agent } = new URL(endpoint).protocol === 'https:' ? await import('node:https') : await import('node:http')
  const agent = new Agent({ keepAlive: false })
  client.pipeline.addPolicy(
    {
      name: 'freshConnectionPolicy',
      sendRequest: (request, next) => next(Object.assign(request, { agent: request.agent ?? agent })),
    },
    { afterPolicies: ['proxyPolicy'] },
  )
  return client
}
