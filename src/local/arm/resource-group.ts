import { refuse, type ArmErrorBody } from './arm-error.ts'
import { providerErrors, refusedByProvider } from './provider-error.ts'
import { resourceTypeOf, type ResourceType } from './resource-types.ts'
import type { EvaluatedResource } from './template/evaluate-template.ts'
import { isObject, type JsonObject } from './template/json.ts'
import { resourcePath, type DeploymentTarget } from './template/scope.ts'

/** A resource as one hands it to the emulator. What its provider adds to the properties by itself may be left out. */
export type Resource = {
  type: string
  name: string
  location: string
  tags?: JsonObject
  sku?: JsonObject
  identity?: JsonObject
  properties: JsonObject
}

/** What stands in a resource group, and what the resource providers do with it. */
export type ResourceGroup = ReturnType<typeof openResourceGroup>

type Stored = { type: ResourceType; name: string; body: JsonObject; properties: JsonObject; updating: boolean }

/** A resource group that has one resource to begin with. */
export function openResourceGroup(target: DeploymentTarget, initial: Resource) {
  const resources = new Map<string, Stored>()
  const find = (id: string): Stored | undefined => resources.get(id.toLowerCase())

  function store(type: ResourceType, name: string, body: JsonObject, properties: JsonObject): void {
    const id = resourcePath(target, type.type, name)
    resources.set(id.toLowerCase(), { type, name, body, properties, updating: false })
  }

  function begin({ type, name, properties, ...body }: Resource): void {
    const known = resourceTypeOf(type)
    store(known, name, body, {
      ...known.defaults(properties),
      ...known.readOnly(name, properties),
      ...known.states?.rest,
      ...properties,
    })
  }

  /** The resource as a GET returns it. Throws 404 when there is none. */
  function get(id: string): JsonObject {
    const found = find(id)
    if (found === undefined) {
      const [, path = id] = id.split('/providers/')
      const message = `The Resource '${path}' under resource group '${target.resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`
      return refuse(404, 'ResourceNotFound', message)
    }
    const { type, name, body, updating } = found
    const properties = { ...found.properties, ...(updating && type.states?.updating) }
    const lastName = name.slice(name.lastIndexOf('/') + 1)
    return { id: resourcePath(target, type.type, name), name: lastName, type: type.type, ...body, properties }
  }

  /** What the provider would object to in the resource, if anything. */
  function objection({ id, type, name, body }: EvaluatedResource): ArmErrorBody | undefined {
    const { workers } = resourceTypeOf(type)
    if (workers === undefined) return undefined
    const object = (message: string): ArmErrorBody =>
      refusedByProvider(id, { status: 'BadRequest', code: 'InvalidParameterValue', message })
    const found = find(id)
    if (found === undefined) return object(`This emulator creates no cluster, and there is none named '${name}'.`)
    if (found.updating) return refusedByProvider(id, providerErrors['server-is-busy'])
    const state = JSON.stringify(found.properties['state'])
    if (state !== '"Ready"') return object(`Operations on a cluster in state ${state} are not allowed.`)
    if (region(body) !== region(found.body)) return object(`The location of '${name}' can't be changed.`)
    const from = workers.count(found.properties) ?? 0
    const to = workers.count(propertiesOf(body))
    if (to === undefined || !workers.allowed(to)) return object(`The number of nodes is not allowed: ${workers.rule}.`)
    return to < from ? object(`The number of nodes can't be decreased from ${from} to ${to}.`) : undefined
  }

  /** The numbers of workers that the cluster passes through on its way to what the resource asks for. */
  function growth({ id, type, body }: EvaluatedResource): number[] {
    const { workers } = resourceTypeOf(type)
    const found = find(id)
    if (workers === undefined || found === undefined) return []
    const from = workers.count(found.properties) ?? 0
    const to = workers.count(propertiesOf(body)) ?? from
    return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index + 1)
  }

  function setUpdating(changed: EvaluatedResource[], updating: boolean): void {
    for (const { id } of changed) {
      const found = find(id)
      if (found !== undefined) found.updating = updating
    }
  }

  /** What a provider gave up half way: all is as before but its word about the last change. */
  function fail({ id }: EvaluatedResource): void {
    const found = find(id)
    if (found !== undefined) Object.assign(found.properties, found.type.states?.failed)
  }

  function put({ type, name, body: { properties, ...body } }: EvaluatedResource): void {
    const known = resourceTypeOf(type)
    const asked = isObject(properties) ? properties : {}
    const set = Object.fromEntries(
      Object.entries(asked).filter(([key, value]) => known.writable.includes(key) && value !== null),
    )
    const rest = { ...known.readOnly(name, set), ...known.states?.rest }
    store(known, name, body, { ...known.defaults(set), ...set, ...rest })
  }

  begin(initial)
  return { get, objection, growth, setUpdating, put, fail }
}

const propertiesOf = ({ properties }: JsonObject): JsonObject => (isObject(properties) ? properties : {})

// Azure takes "West Europe" and westeurope for the same.
const region = ({ location }: JsonObject): string => JSON.stringify(location).replaceAll(' ', '').toLowerCase()
