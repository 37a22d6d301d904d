import { resourcePath, type DeploymentTarget } from '../resource-path.ts'
import { evaluateExpression, type Parameters } from './evaluate-expression.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import { parameterValues, shownParameters } from './parameters.ts'
import { parseExpression } from './parse-expression.ts'
import { invalid, TemplateError } from './template-error.ts'
import { parseTemplate, type TemplateResource } from './template-schema.ts'

/** A resource of an evaluated template. `body` has its location, tags, sku, identity and properties. */
export type EvaluatedResource = { id: string; type: string; name: string; apiVersion: string; body: JsonObject }

/** What a deployment would do: the resources, and its parameters as its record shows them. */
export type EvaluatedTemplate = { resources: EvaluatedResource[]; parameters: JsonObject }

/**
 * Evaluates an ARM template as Azure does. `given` has the parameters' values by name. Throws a TemplateError for what
 * Azure would call an InvalidTemplate.
 */
export function evaluateTemplate(given: unknown, values: JsonObject, target: DeploymentTarget): EvaluatedTemplate {
  const template = parseTemplate(given)
  const parameters = parameterValues(template.parameters, values, (value) => evaluateJson(value, new Map()))
  return {
    resources: template.resources.map((resource) => evaluateResource(resource, parameters, target)),
    parameters: shownParameters(template.parameters, parameters),
  }
}

function evaluateResource(
  { name: given, type, apiVersion, ...rest }: TemplateResource,
  parameters: Parameters,
  target: DeploymentTarget,
): EvaluatedResource {
  try {
    const name = evaluateJson(given, parameters)
    if (typeof name !== 'string' || name === '') return invalid(`'${given}' is no name: it cannot be null or empty.`)
    return { id: resourcePath(target, type, name), type, name, apiVersion, body: evaluateBody(rest, parameters) }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return invalid(
      `The template resource '${given}' is not valid: ${error.message} Please see https://aka.ms/arm-functions for usage details.`,
    )
  }
}

// Only at this level a null is the same as a missing property.
function evaluateBody(body: Record<string, Json | undefined>, parameters: Parameters): JsonObject {
  const members = Object.entries(body).map(([key, value = null]) => [key, evaluateJson(value, parameters)] as const)
  return Object.fromEntries(members.filter(([, value]) => value !== null))
}

/** Replaces the expressions in a part of a template, which are texts in brackets, by their values. */
function evaluateJson(value: Json, parameters: Parameters): Json {
  if (typeof value === 'string') {
    const isExpression = value.startsWith('[') && value.endsWith(']')
    return isExpression ? evaluateExpression(parseExpression(value.slice(1, -1)), parameters) : value
  }
  if (Array.isArray(value)) return value.map((item) => evaluateJson(item, parameters))
  if (!isObject(value)) return value
  const odd = Object.keys(value).find((key) => key.startsWith('[') || key === 'copy')
  if (odd !== undefined) invalid(`This emulator evaluates neither expressions for keys nor 'copy': '${odd}'.`)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, evaluateJson(item, parameters)]))
}
