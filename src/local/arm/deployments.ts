import { randomUUID } from 'node:crypto'
import { ArmError, deploymentActive, refuse, type ArmErrorBody } from './arm-error.ts'
import type { DeploymentRequest } from './deployment-request.ts'
import { groupPath, type DeploymentTarget } from './resource-path.ts'
import type { JsonObject } from './template/json.ts'

/** The record of a deployment. Times are in milliseconds since 1970. */
export type Deployment = DeploymentRequest & {
  id: string
  name: string
  operationId: string
  correlationId: string
  startedAt: number
  /** When its state last changed: its end, once it has ended. */
  changedAt: number
  state: 'Accepted' | 'Running' | 'Succeeded' | 'Failed'
  error?: ArmErrorBody
}

/** Keeps the last deployment of each name. */
export type Deployments = ReturnType<typeof createDeployments>

export function createDeployments(target: DeploymentTarget) {
  const byName = new Map<string, Deployment>()

  /** Adds a new deployment. Throws a 409 while another one of that name runs. */
  function accept(name: string, request: DeploymentRequest, now: number): Deployment {
    const id = `${groupPath(target)}/providers/Microsoft.Resources/deployments/${name}`
    const previous = byName.get(name.toLowerCase())
    if (previous !== undefined && !hasEnded(previous)) {
      throw new ArmError(409, deploymentActive(id, new Date(previous.startedAt), previous.correlationId))
    }
    const [operationId, correlationId] = [randomUUID(), randomUUID()]
    const times = { startedAt: now, changedAt: now }
    const deployment: Deployment = { ...request, id, name, operationId, correlationId, ...times, state: 'Accepted' }
    byName.set(name.toLowerCase(), deployment)
    return deployment
  }

  /** Throws 404 when there has been none of that name. */
  function get(name: string): Deployment {
    const message = `Deployment '${name}' could not be found.`
    return byName.get(name.toLowerCase()) ?? refuse(404, 'DeploymentNotFound', message)
  }

  /** The deployment of an operation, for a poll. Throws 404 when the deployment has been replaced. */
  function status(operationId: string): JsonObject {
    const found = [...byName.values()].find((deployment) => deployment.operationId === operationId)
    if (found === undefined) return refuse(404, 'OperationNotFound', `Operation '${operationId}' could not be found.`)
    const { state, error } = found
    return { status: state === 'Accepted' ? 'Running' : state, ...(error && { error }) }
  }

  return { accept, get, status }
}

const hasEnded = ({ state }: Deployment): boolean => state === 'Succeeded' || state === 'Failed'

/** A deployment's record as a GET returns it. */
export function deploymentRecord(deployment: Deployment): JsonObject {
  const { id, name, tags, parameters, resources, startedAt, changedAt, correlationId, state, error } = deployment
  return {
    id,
    name,
    type: 'Microsoft.Resources/deployments',
    ...(tags && { tags }),
    properties: {
      parameters,
      mode: 'Incremental',
      provisioningState: state,
      timestamp: new Date(changedAt).toISOString(),
      duration: `PT${(changedAt - startedAt) / 1000}S`,
      correlationId,
      ...(state === 'Succeeded' && { outputResources: resources.map((resource) => ({ id: resource.id })) }),
      ...(error && { error }),
    },
  }
}
