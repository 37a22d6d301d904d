import type { ArmErrorBody } from './arm-error.ts'

/** Why a deployment fails that Azure Resource Manager has accepted. */
export type DeploymentFailure = 'server-is-busy' | 'quota-exceeded' | 'internal-error'

/** The error of a resource provider; `status` is Azure Resource Manager's name for its HTTP status. */
export type ProviderError = { status: 'BadRequest' | 'Conflict' | 'InternalServerError'; code: string; message: string }

// "Busy" as seen for flexible servers: https://github.com/Azure/bicep-registry-modules/issues/4451
export const providerErrors: Record<DeploymentFailure, ProviderError> = {
  'server-is-busy': {
    status: 'Conflict',
    code: 'ServerIsBusy',
    message: 'Cannot complete operation while the server is busy processing another operation. Try again later.',
  },
  'quota-exceeded': {
    status: 'BadRequest',
    code: 'QuotaExceeded',
    message: 'The requested vCores exceed the quota of the subscription in this region.',
  },
  'internal-error': {
    status: 'InternalServerError',
    code: 'InternalServerError',
    message: 'An unexpected error occurred.',
  },
}

/** The error of a failed deployment, which wraps the error of a resource. `target` is the deployment's id. */
export function deploymentFailed(target: string, detail: ArmErrorBody): ArmErrorBody {
  const message =
    'At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details.'
  return { code: 'DeploymentFailed', target, message, details: [detail] }
}

/** A provider refused a resource at once: its answer is in the message, as JSON. */
export function refusedByProvider(target: string, { status, code, message }: ProviderError): ArmErrorBody {
  return { code: status, target, message: JSON.stringify({ error: { code, message } }, null, 2) }
}

/** A provider accepted a resource and failed later. */
export function failedByProvider(target: string, { code, message }: ProviderError): ArmErrorBody {
  return {
    code: 'ResourceDeploymentFailure',
    target,
    message: `The resource write operation failed to complete successfully, because it reached terminal provisioning state 'Failed'.`,
    details: [{ code, message }],
  }
}
