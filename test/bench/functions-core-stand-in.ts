import Module from 'node:module'
import type { HostRequest, Route } from '../../src/local/http-front.ts'

/** A registration by the SDK: name, bindings and handler. */
type Registered = { metadata: { name: string; bindings: Record<string, Binding> }; callback: unknown }
type Binding = { type: string; route?: string; methods?: string[] }

type Invocation = {
  getArguments: () => Promise<{ context: unknown; inputs: unknown[] }>
  invokeFunction: (context: unknown, inputs: unknown[], callback: unknown) => Promise<unknown>
  getResponse: (context: unknown, result: unknown) => Promise<RpcResponse>
}
type ProgrammingModel = { getInvocationModel: (context: object) => Invocation }
type RpcResponse = { returnValue?: { http?: RpcHttp } }
type RpcHttp = { statusCode?: string; headers?: Record<string, string>; body?: { bytes: Uint8Array } }

/** The part of Azure's Node worker that hands a request to a function: https://github.com/Azure/azure-functions-nodejs-worker */
export type WorkerStandIn = {
  /** The functions registered so far. */
  routes: () => Route[]
}

/** What `require('@azure/functions-core')` returns, once it is provided. */
let current: object | undefined

function answerRequire(): void {
  const modules: { require: (this: unknown, id: string) => unknown } = Module.prototype
  modules.require = new Proxy(modules.require, {
    apply: (real, from, [id]: [string]) => (id === '@azure/functions-core' ? current : Reflect.apply(real, from, [id])),
  })
}

/**
 * Stands in for @azure/functions-core, which is built into the worker and cannot be installed. As in the worker, `require` of that name
 * returns it. Everything else is the real SDK, including the conversion of requests and responses. `onLog` gets the log of the functions.
 * Apps that are loaded after a further call register with the newer stand-in.
 */
export function provideFunctionsCoreStandIn(onLog: (line: string) => void = () => undefined): WorkerStandIn {
  const registered: Registered[] = []
  let model: ProgrammingModel | undefined
  const disposable = { dispose: () => undefined }
  const core = {
    version: '3.11.0',
    hostVersion: '4.1037.0',
    registerFunction(metadata: Registered['metadata'], callback: unknown) {
      registered.push({ metadata, callback })
      return disposable
    },
    registerHook: () => disposable,
    setProgrammingModel(given: ProgrammingModel) {
      model = given
    },
    log: () => undefined,
  }
  if (!current) answerRequire()
  current = core

  async function invoke({ metadata, callback }: Registered, trigger: string, request: HostRequest) {
    if (!model) throw new Error('the app has set no programming model')
    const invocation = model.getInvocationModel({
      invocationId: crypto.randomUUID(),
      metadata,
      request: {
        inputData: [{ name: trigger, data: { http: { ...request, query: {}, params: {} } } }],
        triggerMetadata: {},
      },
      log: (_level: string, _category: string, ...parts: unknown[]) => onLog(parts.map(String).join(' ')),
    })
    const { context, inputs } = await invocation.getArguments()
    const result = await invocation.invokeFunction(context, inputs, callback)
    const { returnValue } = await invocation.getResponse(context, result)
    const { statusCode, headers = {}, body } = returnValue?.http ?? {}
    return { status: Number(statusCode), headers, body: new TextDecoder().decode(body?.bytes) }
  }

  const routesOf = (one: Registered) =>
    Object.entries(one.metadata.bindings).flatMap(([trigger, { type, route, methods = [] }]) =>
      type === 'httpTrigger'
        ? methods.map((method) => ({
            name: route ?? one.metadata.name,
            method,
            invoke: (request: HostRequest) => invoke(one, trigger, request),
          }))
        : [],
    )
  return { routes: () => registered.flatMap(routesOf) }
}
