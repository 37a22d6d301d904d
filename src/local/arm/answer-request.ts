import { refuse } from './arm-error.ts'
import { parseDeployment } from './deployment-request.ts'
import { deploymentRecord, type Deployment, type Deployments } from './deployments.ts'
import type { ResourceGroup } from './resource-group.ts'
import { checkApiVersion, resourceTypeOf } from './resource-types.ts'
import type { Route } from './route.ts'
import type { Answer, Request } from './serve-json.ts'
import type { DeploymentTarget } from './resource-path.ts'

/** The state that requests read and change. `run` starts an accepted deployment. */
export type Manager = {
  target: DeploymentTarget
  group: ResourceGroup
  deployments: Deployments
  now: () => number
  run: (deployment: Deployment) => void
}

type JsonAnswer = Extract<Answer, { body: unknown }>

// How long, in seconds, Azure asks its clients to wait before they poll again.
const retryAfter = '5'

/** Handles a request. Throws an ArmError when Azure would answer with an error. */
export function answerRequest(route: Route, request: Request, manager: Manager): JsonAnswer {
  const { target, group, deployments } = manager
  checkVersion(route, request, target)
  switch (route.kind) {
    case 'get-resource':
      return { status: 200, body: group.get(route.id) }
    case 'get-deployment':
      return { status: 200, body: deploymentRecord(deployments.get(route.name)) }
    case 'get-operation-status':
      return { status: 200, headers: { 'Retry-After': retryAfter }, body: deployments.status(route.operationId) }
    case 'put-deployment':
      return putDeployment(route.name, request, manager)
  }
}

function checkVersion(route: Route, { apiVersion }: Request, target: DeploymentTarget): void {
  if (apiVersion === null) {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.'
    return refuse(400, 'MissingApiVersionParameter', message)
  }
  if (route.kind === 'get-resource') return checkApiVersion(resourceTypeOf(route.type), apiVersion, target.location)
  if (!/^\d{4}-\d\d-\d\d(-preview)?$/.test(apiVersion))
    refuse(400, 'InvalidApiVersionParameter', `The api-version '${apiVersion}' is invalid.`)
}

function putDeployment(name: string, { host, apiVersion, body }: Request, manager: Manager): JsonAnswer {
  const { target, deployments, now, run } = manager
  const deployment = deployments.accept(name, parseDeployment(name, parseBody(body), target), now())
  const accepted = deploymentRecord(deployment)
  run(deployment)
  const status = `${host}${deployment.id}/operationStatuses/${deployment.operationId}?api-version=${apiVersion}`
  return { status: 201, headers: { 'Azure-AsyncOperation': status, 'Retry-After': retryAfter }, body: accepted }
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = `The request content was invalid and could not be deserialized: '${String(cause)}'.`
    return refuse(400, 'InvalidRequestContent', message)
  }
}
