import { ArmError, deploymentActive, type ArmErrorBody } from './arm-error.ts'
import type { Route } from './route.ts'

/** How Azure Resource Manager may refuse any request. */
export type Refusal = keyof typeof refusals

type Refused = { status: number; body: (route: Route, path: string) => ArmErrorBody }

const is = (status: number, code: string, message: (route: Route, path: string) => string): Refused => ({
  status,
  body: (route, path) => ({ code, message: message(route, path) }),
})

const client = `The client 'emulated' with object id 'emulated'`

// Texts: Azure's pages on common deployment errors and those that they lead to. The quota's: kubernetes/autoscaler#2154.
const refusals = {
  unauthenticated: is(401, 'InvalidAuthenticationToken', () => 'The access token is invalid.'),
  forbidden: is(
    403,
    'AuthorizationFailed',
    (route, path) =>
      `${client} does not have authorization to perform action '${actionOf(route)}' over scope '${path}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  ),
  'linked-scope': is(
    403,
    'LinkedAuthorizationFailed',
    (route, path) =>
      `${client} has permission to perform action '${actionOf(route)}' on scope '${path}'; however, it does not have permission to perform action(s) 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '/subscriptions/emulated' (respectively) or the linked scope(s) are invalid.`,
  ),
  policy: is(
    403,
    'RequestDisallowedByPolicy',
    () =>
      `Resource 'emulated' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"sizes"}}]'.`,
  ),
  locked: is(
    409,
    'ScopeLocked',
    (_route, path) =>
      `The scope '${path}' cannot perform write operation because following scope(s) are locked: '/subscriptions/emulated'. Please remove the lock and try again.`,
  ),
  'too-many-deployments': is(
    409,
    'DeploymentQuotaExceeded',
    (_route, path) =>
      `Creating the deployment '${path.split('/').at(-1)}' would exceed the quota of '800'. The current deployment count is '800'. Please delete some deployments before creating a new one.`,
  ),
  'not-found': is(
    404,
    'ResourceGroupNotFound',
    (_route, path) => `Resource group '${path.split('/')[4]}' could not be found.`,
  ),
  'deployment-active': {
    status: 409,
    body: (_route, path) => deploymentActive(path, new Date(0), '00000000-0000-0000-0000-000000000000'),
  },
  'server-is-busy': is(
    409,
    'ServerIsBusy',
    () => 'Cannot complete operation while the server is busy processing another operation. Try again later.',
  ),
  throttled: is(
    429,
    'SubscriptionRequestsThrottled',
    () =>
      'Number of requests for the subscription exceeded. Refer to https://aka.ms/arm-throttling for additional information.',
  ),
  'server-error': is(500, 'InternalServerError', () => 'Encountered internal server error.'),
} satisfies Record<string, Refused>

/** The error that the refusal is answered with. A Retry-After header is sent only when its seconds are given. */
export function refusalError(refusal: Refusal, route: Route, path: string, retryAfterSeconds?: number): ArmError {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }
  const { status, body } = refusals[refusal]
  return new ArmError(status, body(route, path), headers)
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
