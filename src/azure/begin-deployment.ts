import type { Deployment, ResourceManagementClient } from '@azure/arm-resources'
import { UpstreamError } from '../upstream-error.ts'
import { within } from '../within.ts'
import { armAnswer, armFailure } from './arm-error.ts'
import { readDeployment, type DeploymentRecord } from './deployment-record.ts'
import type { ArmCause } from './explain-arm-error.ts'

// With the coordinator before (8 s at most, including Citus's plan) and ARM's reads (5 s), the answer comes within 25 s.
const putMilliseconds = 7_000
const rereadMilliseconds = 4_000

export type DeploymentRequest = {
  client: ResourceManagementClient
  resourceGroup: string
  name: string
  deployment: Deployment & { tags: Record<string, string> }
  /** The record at the time of the decision; a record that differs from it is of a newer deployment. */
  before: DeploymentRecord | undefined
  now: Date
}

export type DeploymentStart = { kind: 'started' } | { kind: 'operation-in-progress'; message: string }

/**
 * Starts a deployment and returns when ARM has accepted it; never waits for its end. When it is unclear whether ARM accepted it (no answer
 * to the PUT, or an error of the SDK's first poll), ARM's record of the deployment decides.
 * A cluster that is busy with another operation is not a failure, whether the PUT says so or the deployment that it started.
 * @throws UpstreamError when ARM refused, when the deployment failed at once, or when ARM could not be asked
 */
export async function beginDeployment(request: DeploymentRequest): Promise<DeploymentStart> {
  const { client, resourceGroup, name, deployment } = request
  let accepted = false
  try {
    await within(putMilliseconds, (abortSignal) =>
      client.deployments.beginCreateOrUpdate(resourceGroup, name, deployment, {
        abortSignal,
        onResponse: ({ status, request: { method } }) => {
          if (method === 'PUT' && status < 300) accepted = true
        },
      }),
    )
    return { kind: 'started' }
  } catch (error) {
    const answer = accepted ? undefined : armAnswer(error)
    if (answer && answer.status < 500 && isBusy(answer)) return inProgress(answer)
    if (answer && answer.status < 500) throw armFailure(`deploy ${name}`, error, request.now)
    return checkOutcome(request, accepted, error)
  }
}

// The first two come from ARM, for a second deployment of the name; the others from a resource provider, for a busy cluster (Azure's page
// on common deployment errors; Azure/bicep-registry-modules#4451).
const busyCodes =
  /^(DeploymentActive|DeploymentActiveAndUneditable|ServerIsBusy|ServerBusy|AnotherOperationInProgress|ConflictingServerOperation)$/i

const isBusy = ({ code }: ArmCause) => code !== undefined && busyCodes.test(code)

const inProgress = ({ message }: ArmCause): DeploymentStart => ({
  kind: 'operation-in-progress',
  message: `Azure is busy with another operation on the cluster: ${message}`,
})

async function checkOutcome(request: DeploymentRequest, accepted: boolean, cause: unknown): Promise<DeploymentStart> {
  const { client, resourceGroup, name, before, now } = request
  const record = await within(rereadMilliseconds, (signal) =>
    readDeployment(client, resourceGroup, name, signal),
  ).catch((error: unknown) => {
    if (accepted) return undefined
    throw armFailure(`tell whether it accepted deployment ${name}`, error, now)
  })
  const isNew = record !== undefined && record.run !== before?.run
  if (isNew && record.state.kind === 'failed') {
    // ARM accepted the deployment, and the resource provider refused it at once.
    if (record.failure && isBusy(record.failure)) return inProgress(record.failure)
    const code = record.failure?.code
    const message = `Deployment ${name} failed at once: ${record.state.error}`
    throw new UpstreamError('azure-refused', message, { cause, ...(code && { code }) })
  }
  if (accepted) return { kind: 'started' }
  if (isNew && hasTags(record.tags, request.deployment.tags)) return { kind: 'started' }
  if (record?.state.kind === 'running') return { kind: 'operation-in-progress', message: record.state.detail }
  throw armFailure(`deploy ${name}`, cause, now)
}

const hasTags = (tags: Record<string, string>, wanted: Record<string, string>) =>
  Object.entries(wanted).every(([name, value]) => tags[name] === value)
