import type { ResourceManagementClient } from '@azure/arm-resources'
import { appIdentity } from './app-identity.ts'

export type ArmScope = { endpoint: string; subscriptionId: string }

let last: { scope: ArmScope; client: Promise<ResourceManagementClient> } | undefined

/**
 * The client of a subscription, one per process: a credential caches its tokens in itself. SDK and identity are loaded when first
 * asked for, since most notifications need neither.
 */
export function armClient(scope: ArmScope): Promise<ResourceManagementClient> {
  if (last?.scope.endpoint !== scope.endpoint || last.scope.subscriptionId !== scope.subscriptionId)
    last = { scope, client: createClient(scope) }
  return last.client
}

async function createClient({ endpoint, subscriptionId }: ArmScope): Promise<ResourceManagementClient> {
  const { ResourceManagementClient } = await import('@azure/arm-resources')
  // Nothing is tried again here: Grafana asks again at its next flush, and a PUT sent twice would run into its own deployment.
  const options = { endpoint, retryOptions: { maxRetries: 0 } }
  if (new URL(endpoint).protocol === 'https:') {
    return freshConnections(new ResourceManagementClient(await appIdentity(), subscriptionId, options), endpoint)
  }
  // Only a loopback address may be plain http (see settings), and no token is sent there: the SDK refuses to, even when told to.
  const noToken = { getToken: () => Promise.resolve(null) }
  const client = new ResourceManagementClient(noToken, subscriptionId, { ...options, allowInsecureConnection: true })
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' })
  return freshConnections(client, endpoint)
}

// Notifications are minutes apart: a connection kept that long may be closed at the other end just when it is used again, and nothing
// here is tried twice. The SDK's own disableKeepAlive takes node's global agents, which keep connections since node 19. A proxy's agent
// stays.
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
