import { refuse } from './arm-error.ts'
import { resourcePath, type DeploymentTarget } from './resource-path.ts'

/** What a request asks for. Resource ids and names are spelled as in the request. */
export type Route =
  | { kind: 'get-resource'; type: string; id: string }
  | { kind: 'get-deployment'; name: string }
  | { kind: 'put-deployment'; name: string }
  | { kind: 'get-operation-status'; operationId: string }

export type RequestKind = Route['kind']

/** Throws Azure's 404 for another subscription or resource group, and its 405 for a method that the emulator does not support. */
export function parseRoute(method: string, path: string, target: DeploymentTarget): Route {
  const [subscriptions, subscriptionId = '', groups, group = '', providers, ...rest] = segments(path)
  if (!is(subscriptions, 'subscriptions') || !is(groups, 'resourceGroups') || !is(providers, 'providers')) {
    return refuse(404, 'InvalidRequestUri', `There is nothing at '${path}' here.`)
  }
  if (!is(subscriptionId, target.subscriptionId)) {
    return refuse(404, 'SubscriptionNotFound', `The subscription '${subscriptionId}' could not be found.`)
  }
  if (!is(group, target.resourceGroup)) {
    return refuse(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`)
  }
  const [provider = '', type, name = '', child, operationId = ''] = rest
  if (!is(provider, 'Microsoft.Resources') || !is(type, 'deployments'))
    return resourceRoute(method, provider, rest.slice(1), target)
  if (method === 'GET' && is(child, 'operationStatuses')) return { kind: 'get-operation-status', operationId }
  if (child !== undefined) return notAllowed(method)
  if (method === 'GET') return { kind: 'get-deployment', name }
  return method === 'PUT' ? { kind: 'put-deployment', name } : notAllowed(method)
}

function resourceRoute(method: string, provider: string, pairs: string[], target: DeploymentTarget): Route {
  if (method !== 'GET') return notAllowed(method)
  if (pairs.length === 0 || pairs.length % 2 !== 0)
    return refuse(404, 'InvalidRequestUri', 'The path names no resource.')
  const type = [provider, ...pairs.filter((_, index) => index % 2 === 0)].join('/')
  const name = pairs.filter((_, index) => index % 2 === 1).join('/')
  return { kind: 'get-resource', type, id: resourcePath(target, type, name) }
}

const is = (text: string | undefined, wanted: string): boolean => text?.toLowerCase() === wanted.toLowerCase()

function segments(path: string): string[] {
  try {
    return path.slice(1).split('/').map(decodeURIComponent)
  } catch {
    return refuse(400, 'InvalidRequestUri', `The path '${path}' is not well formed.`)
  }
}

function notAllowed(method: string): never {
  return refuse(405, 'HttpMethodNotAllowed', `This emulator has no answer to ${method} at this path.`)
}
