/** An error as Azure Resource Manager writes it: the cause may be nested several `details` deep. */
export type ArmErrorBody = { code: string; message: string; target?: string; details?: ArmErrorBody[] }

/** A request that Azure Resource Manager answers with an error. */
export class ArmError extends Error {
  override name = 'ArmError'
  readonly status: number
  readonly body: ArmErrorBody
  readonly headers: Record<string, string>

  constructor(status: number, body: ArmErrorBody, headers: Record<string, string> = {}) {
    super(body.message)
    this.status = status
    this.body = body
    this.headers = headers
  }
}

export function refuse(status: number, code: string, message: string): never {
  throw new ArmError(status, { code, message })
}

/**
 * The answer, a 409, to a deployment while another one of the same name runs.
 * Its text as of 2026: https://github.com/jenkins-infra/helpdesk/issues/5220
 */
export function deploymentActive(id: string, startedAt: Date, correlationId: string): ArmErrorBody {
  const expiresAt = new Date(startedAt.getTime() + 7 * 24 * 60 * 60 * 1000)
  const [started, expires] = [startedAt, expiresAt].map((date) =>
    date.toLocaleString('en-US', { timeZone: 'UTC' }).replace(',', ''),
  )
  return {
    code: 'DeploymentActive',
    message: `The deployment with resource id '${id}' cannot be saved, because this would overwrite an existing deployment which is still active. If this is an intentional re-deployment, please wait for the original deployment to complete, or cancel it before re-attempting the operation. The previous deployment was started at '${started}' with correlationId '${correlationId}', and will expire at '${expires}' if it does not complete before then. Please see https://aka.ms/arm-deploy-resources for usage details.`,
  }
}
