import { answerRequest } from './answer-request.ts'
import { systemClock, type Clock } from './clock.ts'
import { createDeployments, deploymentRecord, type Deployment } from './deployments.ts'
import { createFaults } from './faults.ts'
import { provision } from './provision.ts'
import { refusalError } from './refusals.ts'
import { openResourceGroup, type Resource } from './resource-group.ts'
import { parseRoute } from './route.ts'
import { serveJson, type Answer, type Request } from './serve-json.ts'
import { resourcePath } from './resource-path.ts'

export type ArmEmulatorOptions = {
  /** 0, the default, is any free port. */
  port?: number
  subscriptionId: string
  resourceGroup: string
  /** The cluster at the start. The resource group has the same region. */
  resource: Resource
  /** How long a deployment takes; 10 by default. */
  provisioningSeconds?: number
  /** Called with the number of workers for each new one, near the end of a deployment, which waits for it. */
  onWorkers?: (count: number) => Promise<void> | void
  clock?: Clock
}

const webPage = '<!DOCTYPE html>\n<html><head><title>Forbidden</title></head></html>\n'

export type ArmEmulator = Awaited<ReturnType<typeof startArmEmulator>>

/**
 * Starts a stand-in for Azure Resource Manager on 127.0.0.1: one subscription and one resource group with a cluster in it,
 * and the part of the REST API that reading and scaling the cluster needs. It keeps the process alive until `stop`.
 */
export async function startArmEmulator(options: ArmEmulatorOptions) {
  const { port = 0, subscriptionId, resourceGroup, resource, provisioningSeconds = 10, clock = systemClock } = options
  const target = { subscriptionId, resourceGroup, location: resource.location }
  const group = openResourceGroup(target, resource)
  const deployments = createDeployments(target)
  const faults = createFaults()
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  const requests: { method: string; path: string; at: number }[] = []

  function run(deployment: Deployment): void {
    const { onWorkers = () => undefined } = options
    const milliseconds = provisioningSeconds * 1000
    const context = { group, faults, clock, milliseconds, onWorkers, signal: stopping.signal }
    const ended = provision(deployment, context).catch((error: unknown) => {
      if (!stopping.signal.aborted) throw error
    })
    running.add(ended)
    void ended.finally(() => running.delete(ended))
  }

  const manager = { target, group, deployments, now: clock.now, run }

  function answer(request: Request): Answer {
    const { method, path } = request
    requests.push({ method, path, at: clock.now() })
    const route = parseRoute(method, path, target)
    const fault = faults.forRequest(route.kind)
    if (fault && 'refused' in fault) throw refusalError(fault.refused, route, path, fault.retryAfterSeconds)
    if (fault && 'webPage' in fault) return { status: fault.webPage, webPage }
    if (fault && 'silent' in fault && fault.silent === 'before') return 'none'
    const answered = answerRequest(route, request, manager)
    if (fault && 'silent' in fault) return 'none'
    return fault && 'malformed' in fault ? { ...answered, malformed: true } : answered
  }

  const listening = await serveJson(port, answer)
  return {
    /** `http://127.0.0.1:PORT` */
    endpoint: listening.url,
    /** Every request so far, by the emulator's clock in milliseconds. */
    requests,
    faults,
    /** The cluster as a GET would return it now. */
    cluster: () => group.get(resourcePath(target, resource.type, resource.name)),
    /** A deployment's record as a GET would return it now. */
    deployment: (name: string) => deploymentRecord(deployments.get(name)),
    /** Resolves when no deployment runs. */
    settled: async () => void (await Promise.all(running)),
    async stop(): Promise<void> {
      stopping.abort()
      await listening.close()
      await Promise.all(running)
    },
  }
}
