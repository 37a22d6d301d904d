import { armClient } from '../azure/arm-client.ts'
import { armFailure } from '../azure/arm-error.ts'
import { beginDeployment } from '../azure/begin-deployment.ts'
import { deploymentName } from '../azure/deployment-name.ts'
import { readDeployment } from '../azure/deployment-record.ts'
import type { Database } from '../citus/database.ts'
import { readTopology, withPlan } from '../citus/read-topology.ts'
import type { Coordinator } from '../scaling/cluster-state.ts'
import { isUpstreamError, UpstreamError } from '../upstream-error.ts'
import { within } from '../within.ts'
import type { AzureClusterFacts, AzureResourceKind } from './azure-resource-kind.ts'
import type { Cluster, ScaleOutOrder } from './cluster.ts'
import { planMilliseconds, topologyWarnings } from './topology-warnings.ts'

// With 5 s for the coordinator and 3 s for its plan before, and the PUT after, the answer comes within 25 s.
const readMilliseconds = 5_000

export type AzureClusterOptions = {
  kind: AzureResourceKind
  name: string
  subscriptionId: string
  resourceGroup: string
  endpoint: string
  adminPassword: string | undefined
  database: Database
  strategy: string
  now: Date
}

/** A cluster on Azure: its size comes from the ARM resource, the last scale-out from the deployment, the shards from the coordinator. */
export function azureCluster(options: AzureClusterOptions): Cluster {
  const { kind, name, subscriptionId, resourceGroup, database, strategy, now } = options
  const deployment = deploymentName(name)
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${kind.type}/${name}`

  const readArm = () =>
    within(readMilliseconds, async (abortSignal) => {
      const client = await armClient(options)
      const [resource, record] = await Promise.all([
        client.resources.getById(id, kind.apiVersion, { abortSignal }),
        readDeployment(client, resourceGroup, deployment, abortSignal),
      ])
      return { client, resource, record }
    }).catch((error: unknown) => {
      throw armFailure(`read cluster ${name} and its last deployment`, error, now)
    })

  return {
    async read() {
      // The resource is read last: our PUT would undo a change that somebody makes between this read and the PUT.
      const { coordinator, warnings } = await readCoordinator()
      const { client, resource, record } = await readArm()
      const facts = describe(options, resource)
      return {
        state: {
          workers: facts.workers,
          condition:
            facts.condition.kind === 'ready'
              ? facts.condition
              : { ...facts.condition, detail: `it is ${facts.condition.detail}` },
          lastScaleOut: record?.state ?? { kind: 'none' },
          sizes: kind.sizes,
        },
        coordinator,
        warnings,
        async scaleOut(order) {
          const start = await beginDeployment({
            client,
            resourceGroup,
            name: deployment,
            deployment: {
              tags: tagsOf(order),
              properties: {
                mode: 'Incremental',
                template: kind.template,
                parameters: parametersOf(options, facts, order),
              },
            },
            before: record,
            now,
          })
          return start.kind === 'started' ? { kind: 'started', details: { deployment } } : start
        },
      }
    },
  }

  /**
   * An overloaded coordinator may be silent: after 5 s the decision is made without it. A refusal is an error instead: with a wrong
   * password every later decision would be made without the coordinator, and new workers would get no shards.
   */
  async function readCoordinator(): Promise<{ coordinator: Coordinator; warnings: string[] }> {
    try {
      const read = await readTopology(database, strategy)
      const { topology, warnings } = await withPlan(database, strategy, read, planMilliseconds)
      return { coordinator: { kind: 'answered', topology }, warnings: [...warnings, ...topologyWarnings(topology)] }
    } catch (error) {
      if (!isUpstreamError(error) || error.reason !== 'citus-unavailable') throw error
      const { message } = error
      return {
        coordinator: { kind: 'silent', message },
        warnings: [`Decided without the coordinator's view of the shards: ${message}`],
      }
    }
  }
}

function describe({ kind, name }: AzureClusterOptions, resource: unknown): AzureClusterFacts {
  try {
    return kind.describe(resource)
  } catch (cause) {
    const message = `Cluster ${name} is not as API ${kind.apiVersion} of ${kind.type} describes it; check CLUSTER_KIND`
    throw new UpstreamError('azure-refused', message, { cause })
  }
}

/** ARM allows 256 characters in the value of a tag. */
function tagsOf({ from, to, reason, fingerprint, attempt, blind }: ScaleOutOrder): Record<string, string> {
  const tags = {
    from: String(from),
    to: String(to),
    reason,
    fingerprint,
    attempt: String(attempt),
    ...(blind && { blind: 'true' }),
  }
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, value.slice(0, 256)]))
}

function parametersOf(
  { name, adminPassword }: AzureClusterOptions,
  { parameters }: AzureClusterFacts,
  { to }: ScaleOutOrder,
) {
  const values = {
    name,
    ...parameters,
    workers: to,
    ...(adminPassword && { administratorLoginPassword: adminPassword }),
  }
  return Object.fromEntries(Object.entries(values).map(([parameter, value]) => [parameter, { value }]))
}
