import type { TemplateFunction } from './functions.ts'
import type { Json, JsonObject } from './json.ts'
import { invalid } from './template-error.ts'

/** Where a template is deployed to. */
export type DeploymentTarget = { subscriptionId: string; resourceGroup: string; location: string }

/** What an expression can see besides its arguments. Names are in lower case: Azure ignores their case. */
export type Scope = {
  target: DeploymentTarget
  parameters: ReadonlyMap<string, Json>
  variable: (name: string) => Json | undefined
  copy?: { name: string; index: number }
}

export const subscriptionPath = (target: DeploymentTarget): string => `/subscriptions/${target.subscriptionId}`

export const groupPath = (target: DeploymentTarget): string =>
  `${subscriptionPath(target)}/resourceGroups/${target.resourceGroup}`

/** The id of a resource of that type, such as `Provider/clusters/settings`, with a name a segment: `mine/this`. */
export function resourcePath(target: DeploymentTarget, type: string, name: string): string {
  const [provider, ...types] = type.split('/')
  const names = name.split('/')
  if (types.length !== names.length) {
    invalid(
      `The template resource '${name}' of type '${type}' has an invalid name. The name '${name}' contains '${names.length}' name segment(s) separated by '/', but '${types.length}' segment(s) were expected.`,
    )
  }
  return [groupPath(target), 'providers', provider, ...types.flatMap((part, index) => [part, names[index]])].join('/')
}

/** The functions that look around: at parameters, variables, the copy loop and the resource group. */
export function scopeFunctions(scope: Scope): ReadonlyMap<string, TemplateFunction> {
  const { target } = scope
  return new Map<string, TemplateFunction>([
    ['parameters', { arity: [1, 1], call: ([name]) => lookUp('parameter', name, (key) => scope.parameters.get(key)) }],
    ['variables', { arity: [1, 1], call: ([name]) => lookUp('variable', name, scope.variable) }],
    ['copyindex', { arity: [0, 2], call: (given) => copyIndex(scope, given) }],
    ['resourceid', { arity: [2, Number.POSITIVE_INFINITY], call: (given) => resourceId(target, given) }],
    ['resourcegroup', { arity: [0, 0], call: () => resourceGroup(target) }],
    ['subscription', { arity: [0, 0], call: () => subscription(target) }],
  ])
}

function lookUp(kind: string, name: Json | undefined, get: (key: string) => Json | undefined): Json {
  const text = typeof name === 'string' ? name : JSON.stringify(name)
  const found = get(text.toLowerCase())
  if (found !== undefined) return found
  return invalid(
    `The template ${kind} '${text}' is not found. Please see https://aka.ms/arm-syntax-${kind}s for usage details.`,
  )
}

function copyIndex({ copy }: Scope, given: Json[]): Json {
  const loop = given.find((value) => typeof value === 'string')
  const offset = given.find((value) => typeof value === 'number') ?? 0
  if (copy === undefined || (loop !== undefined && loop.toLowerCase() !== copy.name.toLowerCase())) {
    return invalid(
      `The template function 'copyIndex' is not expected at this location. The function can only be used in a resource with copy specified. Please see https://aka.ms/arm-resource-loops for usage details.`,
    )
  }
  return copy.index + offset
}

// resourceId([subscriptionId], [resourceGroup], type, name, …)
function resourceId(target: DeploymentTarget, given: Json[]): string {
  const parts = given.map((part) =>
    typeof part === 'string' ? part : invalid(`The template language function 'resourceId' expects text.`),
  )
  const at = parts.findIndex((part) => part.includes('/'))
  const type = parts[at]
  if (type === undefined)
    return invalid(
      `Unable to evaluate template language function 'resourceId': function requires exactly one multi-segmented argument which must be resource type including resource provider namespace. Current function arguments '${parts.join(',')}'.`,
    )
  const [resourceGroup = target.resourceGroup, subscriptionId = target.subscriptionId] = parts.slice(0, at).reverse()
  return resourcePath({ ...target, resourceGroup, subscriptionId }, type, parts.slice(at + 1).join('/'))
}

function resourceGroup(target: DeploymentTarget): JsonObject {
  return {
    id: groupPath(target),
    name: target.resourceGroup,
    type: 'Microsoft.Resources/resourceGroups',
    location: target.location,
  }
}

function subscription(target: DeploymentTarget): JsonObject {
  return { id: subscriptionPath(target), subscriptionId: target.subscriptionId }
}
