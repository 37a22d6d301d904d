import Module from 'node:module'

/** What the SDK registers: a name, its bindings, and the handler. */
type Registered = { metadata: { name: string; bindings: Record<string, unknown> }; callback: unknown }

type Invocation = {
  getArguments: () => Promise<{ context: unknown; inputs: unknown[] }>
  invokeFunction: (context: unknown, inputs: unknown[], callback: unknown) => Promise<unknown>
  getResponse: (context: unknown, result: unknown) => Promise<RpcResponse>
}
type ProgrammingModel = { getInvocationModel: (context: object) => Invocation }
type RpcResponse = { returnValue?: { http?: { statusCode?: string; body?: { bytes: Uint8Array } } } }
type Answered = { status: string | undefined; body: string }

/** The part of Azure's Node worker that hands a request to a function: https://github.com/Azure/azure-functions-nodejs-worker */
export type WorkerStandIn = {
  functionNames: () => string[]
  /** Invokes a function by HTTP. */
  invoke: (name: string, body: string) => Promise<Answered>
}

/**
 * Stands in for @azure/functions-core, which the worker has built in and nobody can install: as the worker does, it answers `require`
 * for that name. All else is the SDK's own, conversions of request and response included.
 */
export function provideFunctionsCoreStandIn(): WorkerStandIn {
  const registered = new Map<string, Registered>()
  let model: ProgrammingModel | undefined
  const disposable = { dispose: () => undefined }
  const core = {
    version: '3.11.0',
    hostVersion: '4.1037.0',
    registerFunction(metadata: Registered['metadata'], callback: unknown) {
      registered.set(metadata.name, { metadata, callback })
      return disposable
    },
    registerHook: () => disposable,
    setProgrammingModel(given: ProgrammingModel) {
      model = given
    },
    log: () => undefined,
  }
  const modules: { require: (this: unknown, id: string) => unknown } = Module.prototype
  modules.require = new Proxy(modules.require, {
    apply: (real, from, [id]: [string]) => (id === '@azure/functions-core' ? core : Reflect.apply(real, from, [id])),
  })

  async function invoke(name: string, body: string): Promise<Answered> {
    const found = registered.get(name)
    if (!found || !model)
      throw new Error(`no function ${name} is registered, only ${[...registered.keys()].join(', ')}`)
    const { metadata, callback } = found
    const [trigger = ''] = Object.keys(metadata.bindings)
    const invocation = model.getInvocationModel({
      invocationId: crypto.randomUUID(),
      metadata,
      request: { inputData: [{ name: trigger, data: { http: httpRequest(name, body) } }], triggerMetadata: {} },
      log: () => undefined,
    })
    const { context, inputs } = await invocation.getArguments()
    const result = await invocation.invokeFunction(context, inputs, callback)
    const { returnValue } = await invocation.getResponse(context, result)
    const { statusCode, body: answer } = returnValue?.http ?? {}
    return { status: statusCode, body: new TextDecoder().decode(answer?.bytes) }
  }

  return { functionNames: () => [...registered.keys()], invoke }
}

const httpRequest = (name: string, body: string) => ({
  method: 'POST',
  url: `http://127.0.0.1/api/${name}`,
  headers: { 'content-type': 'application/json' },
  body: { bytes: Buffer.from(body) },
  query: {},
  params: {},
})
