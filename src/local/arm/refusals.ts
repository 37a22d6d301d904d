import { ArmError, deploymentActive, type ArmErrorBody } from './arm-error.ts'
import type { Route } from './route.ts'

/** How Azure Resource Manager may refuse any request. */
export type Refusal = 'unauthenticated' | 'forbidden' | 'not-found' | 'deployment-active' | 'throttled' | 'server-error'

const statuses: Record<Refusal, number> = {
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'deployment-active': 409,
  throttled: 429,
  'server-error': 500,
}

/** The error that the refusal is answered with. A Retry-After header is sent only when its seconds are given. */
export function refusalError(refusal: Refusal, route: Route, path: string, retryAfterSeconds?: number): ArmError {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }
  return new ArmError(statuses[refusal], refusalBody(refusal, route, path), headers)
}

function refusalBody(refusal: Refusal, route: Route, path: string): ArmErrorBody {
  switch (refusal) {
    case 'unauthenticated':
      return { code: 'InvalidAuthenticationToken', message: 'The access token is invalid.' }
    case 'forbidden':
      return {
        code: 'AuthorizationFailed',
        message: `The client 'emulated' with object id 'emulated' does not have authorization to perform action '${actionOf(route)}' over scope '${path}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
      }
    case 'not-found':
      return { code: 'ResourceGroupNotFound', message: `Resource group '${path.split('/')[4]}' could not be found.` }
    case 'deployment-active':
      return deploymentActive(path, new Date(0), '00000000-0000-0000-0000-000000000000')
    case 'throttled':
      return {
        code: 'SubscriptionRequestsThrottled',
        message: `Number of requests for the subscription exceeded. Refer to https://aka.ms/arm-throttling for additional information.`,
      }
    case 'server-error':
      return { code: 'InternalServerError', message: 'Encountered internal server error.' }
  }
}

function actionOf(route: Route): string {
  switch (route.kind) {
    case 'get-resource':
      return `${route.type}/read`
    case 'get-deployment':
      return 'Microsoft.Resources/deployments/read'
    case 'put-deployment':
      return 'Microsoft.Resources/deployments/write'
    case 'get-operation-status':
      return 'Microsoft.Resources/deployments/operationStatuses/read'
  }
}
