import { evaluateJson, evaluateName } from './evaluate-json.ts'
import { inOrder, type OrderedNode } from './in-order.ts'
import type { Json, JsonObject } from './json.ts'
import { parameterValues, shownParameters } from './parameters.ts'
import { resourcePath, type DeploymentTarget, type Scope } from './scope.ts'
import { invalid, TemplateError } from './template-error.ts'
import { parseTemplate, type Template, type TemplateResource } from './template-schema.ts'

/** A resource as a template asks for it. `body` has location, tags, sku, identity and properties, where it has any. */
export type EvaluatedResource = { id: string; type: string; name: string; apiVersion: string; body: JsonObject }

/** What a deployment would do: the resources in the order of their dependencies, and its parameters as its record shows them. */
export type EvaluatedTemplate = { resources: EvaluatedResource[]; parameters: JsonObject }

// A resource of the template, or one copy of it, among the others it may depend on. Its condition may have ruled it out.
type Node = OrderedNode & { resource?: EvaluatedResource }

/**
 * Evaluates an ARM template as Azure does. `given` has the parameters' values by name. Throws a TemplateError for what
 * Azure would call an InvalidTemplate.
 */
export function evaluateTemplate(given: unknown, values: JsonObject, target: DeploymentTarget): EvaluatedTemplate {
  const template = parseTemplate(given)
  const noVariables = (): undefined => undefined
  const parameters = parameterValues(template.parameters, values, (value, known) =>
    evaluateJson(value, { target, parameters: known, variable: noVariables }),
  )
  const base = { target, parameters, variable: noVariables }
  const scope: Scope = { ...base, variable: variablesOf(template, base) }
  const nodes = template.resources.flatMap((resource) => evaluateCopies(resource, scope))
  const loops = template.resources.flatMap(({ copy }) => copy?.name ?? [])
  return {
    resources: inOrder(nodes, loops).flatMap(({ resource }) => resource ?? []),
    parameters: shownParameters(template.parameters, parameters),
  }
}

function variablesOf(template: Template, scope: Scope, open: readonly string[] = []): Scope['variable'] {
  return (name) => {
    if (open.includes(name)) invalid(`The variable '${name}' refers to itself: ${[...open, name].join(' -> ')}.`)
    const found = Object.entries(template.variables).find(([key]) => key.toLowerCase() === name)
    return found && evaluateJson(found[1], { ...scope, variable: variablesOf(template, scope, [...open, name]) })
  }
}

function evaluateCopies(resource: TemplateResource, scope: Scope): Node[] {
  if (resource.copy === undefined) return [evaluateResource(resource, scope)]
  const { name, count } = resource.copy
  const times = evaluateJson(count, scope)
  if (typeof times !== 'number' || times < 0 || times > 800) {
    return invalid(
      `The template 'copy' definition has an invalid copy count of: '${JSON.stringify(times)}'. The copy count must be a non-negative integer value and cannot exceed '800'. Please see https://aka.ms/arm-resource-loops for usage details.`,
    )
  }
  return Array.from({ length: times }, (_, index) => evaluateResource(resource, { ...scope, copy: { name, index } }))
}

function evaluateResource(resource: TemplateResource, scope: Scope): Node {
  try {
    const { type, apiVersion, location, tags, sku, identity, properties } = resource
    const name = evaluateName(resource.name, scope)
    const id = resourcePath(scope.target, type, name)
    const dependsOn = resource.dependsOn.map((dependency) => evaluateName(dependency, scope))
    const node = { id, name, dependsOn, ...(resource.copy && { loop: resource.copy.name }) }
    if (!isWanted(resource, scope)) return node
    const body = evaluateBody({ location, tags, sku, identity, properties }, scope)
    return { ...node, resource: { id, type, name, apiVersion, body } }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return invalid(
      `The template resource '${resource.name}' is not valid: ${error.message} Please see https://aka.ms/arm-functions for usage details.`,
    )
  }
}

function isWanted({ condition = true }: TemplateResource, scope: Scope): boolean {
  const wanted = evaluateJson(condition, scope)
  return typeof wanted === 'boolean' ? wanted : invalid(`The condition is no boolean but '${JSON.stringify(wanted)}'.`)
}

// At this level, and at no other, a null is as good as absent.
function evaluateBody(body: Partial<Record<string, Json | undefined>>, scope: Scope): JsonObject {
  const members = Object.entries(body).flatMap(([key, value]): [string, Json][] => {
    const evaluated = value === undefined ? null : evaluateJson(value, scope)
    return evaluated === null ? [] : [[key, evaluated]]
  })
  return Object.fromEntries(members)
}
