import type { ArmErrorBody } from './arm-error.ts'
import type { Clock } from './clock.ts'
import type { Deployment } from './deployments.ts'
import type { Faults } from './faults.ts'
import { deploymentFailed, failedByProvider, providerErrors, refusedByProvider } from './provider-error.ts'
import type { ResourceGroup } from './resource-group.ts'

/** Options of provisioning. It takes `milliseconds` of `clock`; `onWorkers` is called with the number of each new worker. */
export type Provisioning = {
  group: ResourceGroup
  faults: Faults
  clock: Clock
  milliseconds: number
  onWorkers: (count: number) => Promise<void> | void
  signal: AbortSignal
}

/**
 * Runs an accepted deployment to its end and updates its record. If the provider refuses the resource, the deployment has failed before
 * this function returns its promise. Rejects only when the signal aborts.
 */
export async function provision(deployment: Deployment, context: Provisioning): Promise<void> {
  const { group } = context
  deployment.state = 'Running'
  const objection = objectionTo(deployment, context)
  if (objection !== undefined) return end(deployment, context, objection)
  group.begin()
  const failure = await work(deployment, context)
  if (failure === undefined) deployment.resources.forEach(group.put)
  else group.fail()
  end(deployment, context, failure)
}

function objectionTo({ id, resources }: Deployment, { group, faults }: Provisioning): ArmErrorBody | undefined {
  const fault = faults.forDeployment('at-once')
  if (fault !== undefined) return refusedByProvider(resources[0]?.id ?? id, providerErrors[fault.because])
  return resources.map(group.objection).find((objection) => objection !== undefined)
}

// A failure comes after half of the time; new workers come one by one in the last fifth.
async function work(deployment: Deployment, context: Provisioning): Promise<ArmErrorBody | undefined> {
  const { group, faults, clock, milliseconds, onWorkers, signal } = context
  const { startedAt, resources } = deployment
  const target = resources[0]?.id ?? deployment.id
  const reach = (part: number): Promise<void> => clock.until(startedAt + part * milliseconds, signal)
  await reach(0.5)
  const fault = faults.forDeployment('later')
  if (fault !== undefined) return failedByProvider(target, providerErrors[fault.because])
  const counts = resources.flatMap(group.growth)
  for (const [index, count] of counts.entries()) {
    await reach(0.8 + (0.2 * (index + 1)) / (counts.length + 1))
    try {
      await onWorkers(count)
    } catch (error) {
      const message = `Worker ${count} did not come: ${String(error)}`
      return failedByProvider(target, { ...providerErrors['internal-error'], message })
    }
  }
  await reach(1)
  return undefined
}

function end(deployment: Deployment, { clock }: Provisioning, failure: ArmErrorBody | undefined): void {
  deployment.state = failure === undefined ? 'Succeeded' : 'Failed'
  deployment.changedAt = clock.now()
  if (failure !== undefined) deployment.error = deploymentFailed(deployment.id, failure)
}
