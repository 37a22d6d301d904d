import * as z from 'zod'
import { ArmError, refuse } from './arm-error.ts'
import { checkApiVersion, resourceTypeOf } from './resource-types.ts'
import { evaluateTemplate, type EvaluatedTemplate } from './template/evaluate-template.ts'
import type { DeploymentTarget } from './resource-path.ts'
import { TemplateError } from './template/template-error.ts'

const deploymentBody = z.strictObject({
  tags: z.record(z.string(), z.string()).optional(),
  properties: z.strictObject({
    mode: z.enum(['Incremental']),
    template: z.unknown(),
    parameters: z.record(z.string(), z.strictObject({ value: z.json() })).default({}),
  }),
})

/** A deployment that may be accepted: its template evaluates, and its types and API versions exist. */
export type DeploymentRequest = EvaluatedTemplate & { tags?: Record<string, string> | undefined }

/** Parses the body of a PUT of a deployment. Throws a 400 with Azure's message when Azure would not accept it. */
export function parseDeployment(name: string, body: unknown, target: DeploymentTarget): DeploymentRequest {
  checkName(name)
  const parsed = deploymentBody.safeParse(body)
  if (!parsed.success) {
    const message = `The request content was invalid and could not be deserialized: '${z.prettifyError(parsed.error)}'.`
    return refuse(400, 'InvalidRequestContent', message)
  }
  const { tags, properties } = parsed.data
  const values = Object.entries(properties.parameters).map(([name, { value }]) => [name, value] as const)
  const evaluated = evaluate(properties.template, Object.fromEntries(values), target)
  for (const { type, apiVersion } of evaluated.resources)
    checkApiVersion(resourceTypeOf(type), apiVersion, target.location)
  return { ...evaluated, tags }
}

function evaluate(...given: Parameters<typeof evaluateTemplate>): EvaluatedTemplate {
  try {
    return evaluateTemplate(...given)
  } catch (cause) {
    if (!(cause instanceof TemplateError)) throw cause
    throw new ArmError(400, {
      code: 'InvalidTemplate',
      message: `Deployment template validation failed: '${cause.message}'.`,
    })
  }
}

// https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
function checkName(name: string): void {
  if (name.length > 64) {
    const message = `The provided deployment name '${name}' has a length of '${name.length}' which exceeds the maximum length of '64'.`
    refuse(400, 'DeploymentNameLengthLimitExceeded', message)
  }
  if (!/^[-\w.()]+$/.test(name)) {
    const message = `The provided deployment name '${name}' is not valid: it can only contain letters, digits, '-', '.', '(', ')' or '_'.`
    refuse(400, 'DeploymentNameInvalidCharacters', message)
  }
}
