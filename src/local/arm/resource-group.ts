import { refuse, type ArmErrorBody } from './arm-error.ts'
import { providerErrors, refusedByProvider } from './provider-error.ts'
import { resourceTypeOf } from './resource-types.ts'
import type { EvaluatedResource } from './template/evaluate-template.ts'
import { isObject, type JsonObject } from './template/json.ts'
import { resourcePath, type DeploymentTarget } from './resource-path.ts'

/** A resource given to the emulator. Properties that the provider adds by itself may be left out. */
export type Resource = {
  type: string
  name: string
  location: string
  tags?: JsonObject
  sku?: JsonObject
  identity?: JsonObject
  properties: JsonObject
}

/** The resources of a resource group, and what the resource providers do with them. */
export type ResourceGroup = ReturnType<typeof openResourceGroup>

/** A resource group with one cluster in it. */
export function openResourceGroup(target: DeploymentTarget, { type, name, ...initial }: Resource) {
  const known = resourceTypeOf(type)
  const clusterId = resourcePath(target, known.type, name)
  const is = (id: string): boolean => id.toLowerCase() === clusterId.toLowerCase()
  const { properties: given, ...itsBody } = initial
  let body: JsonObject = itsBody
  let properties = { ...known.defaults(given), ...known.readOnly(name, given), ...known.states.rest, ...given }
  let updating = false

  /** The resource as a GET returns it. Throws 404 when there is none. */
  function get(id: string): JsonObject {
    if (!is(id)) {
      const [, path = id] = id.split('/providers/')
      const message = `The Resource '${path}' under resource group '${target.resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`
      return refuse(404, 'ResourceNotFound', message)
    }
    const shown = { ...properties, ...(updating && known.states.updating) }
    return { id: clusterId, name, type: known.type, ...body, properties: shown }
  }

  /** Why the provider would refuse the resource, if it would. */
  function objection(asked: EvaluatedResource): ArmErrorBody | undefined {
    const object = (message: string): ArmErrorBody =>
      refusedByProvider(asked.id, { status: 'BadRequest', code: 'InvalidParameterValue', message })
    if (!is(asked.id)) return object(`This emulator creates no cluster, and there is none named '${asked.name}'.`)
    if (updating) return refusedByProvider(asked.id, providerErrors['server-is-busy'])
    const state = JSON.stringify(properties['state'])
    if (state !== '"Ready"') return object(`Operations on a cluster in state ${state} are not allowed.`)
    if (region(asked.body) !== region(body)) return object(`The location of '${name}' can't be changed.`)
    const from = known.workers.count(properties) ?? 0
    const to = known.workers.count(propertiesOf(asked.body))
    if (to === undefined || !known.workers.allowed(to))
      return object(`The number of nodes is not allowed: ${known.workers.rule}.`)
    return to < from ? object(`The number of nodes can't be decreased from ${from} to ${to}.`) : undefined
  }

  /** The numbers of workers, one after another, until the cluster has the number that the resource wants. */
  function growth(asked: EvaluatedResource): number[] {
    const from = known.workers.count(properties) ?? 0
    const to = known.workers.count(propertiesOf(asked.body)) ?? from
    return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index + 1)
  }

  /** Marks the cluster as being changed by a deployment. */
  function begin(): void {
    updating = true
  }

  /** Applies the resource: a property that it leaves out is reset to its default. */
  function put(asked: EvaluatedResource): void {
    const written = Object.entries(propertiesOf(asked.body)).filter(
      ([key, value]) => known.writable.includes(key) && value !== null,
    )
    const set = Object.fromEntries(written)
    const { properties: _, ...rest } = asked.body
    body = rest
    properties = { ...known.defaults(set), ...set, ...known.readOnly(name, set), ...known.states.rest }
    updating = false
  }

  /** The change failed halfway: only the state of the last change differs from before. */
  function fail(): void {
    properties = { ...properties, ...known.states.failed }
    updating = false
  }

  return { get, objection, growth, begin, put, fail }
}

const propertiesOf = ({ properties }: JsonObject): JsonObject => (isObject(properties) ? properties : {})

// For Azure, "West Europe" and westeurope are the same.
const region = ({ location }: JsonObject): string => JSON.stringify(location).replaceAll(' ', '').toLowerCase()
