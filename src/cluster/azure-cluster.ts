import { armClient } from '../azure/arm-client.ts'
import { armFailure } from '../azure/arm-error.ts'
import { beginDeployment } from '../azure/begin-deployment.ts'
import { deploymentName } from '../azure/deployment-name.ts'
import { readDeployment } from '../azure/deployment-record.ts'
import { readTopology } from '../citus/topology.ts'
import { UpstreamError } from '../upstream-error.ts'
import { within } from '../within.ts'
import type { AzureClusterFacts, AzureResourceKind } from './azure-resource-kind.ts'
import type { Cluster, ScaleOutOrder } from './cluster.ts'

const readMilliseconds = 9_000

export type AzureClusterOptions = {
  kind: AzureResourceKind
  name: string
  subscriptionId: string
  resourceGroup: string
  endpoint: string
  adminPassword: string | undefined
  databaseUrl: string
  now: Date
}

/** A cluster that ARM runs: its resource tells the size, its last deployment what was done, its coordinator where the shards are. */
export function azureCluster(options: AzureClusterOptions): Cluster {
  const { kind, name, subscriptionId, resourceGroup, databaseUrl, now } = options
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
      const [{ client, resource, record }, shards] = await Promise.all([readArm(), topologyOrWarning(options)])
      const facts = describe(options, resource)
      return {
        state: {
          workers: facts.workers,
          condition: facts.condition,
          lastScaleOut: record?.state ?? { kind: 'none' },
          sizes: kind.sizes,
        },
        ...shards,
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
   * The coordinator may be the very thing that is overloaded: 5 s, then the decision goes on without it (contract). One that says no is
   * not: a wrong password would blind every decision from then on, and keep the rebalance from the workers that are bought.
   */
  async function topologyOrWarning({ kind }: AzureClusterOptions) {
    try {
      return { topology: await readTopology(databaseUrl, kind.coordinatorIsWorker), warnings: [] }
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.reason === 'citus-refused') throw error
      return {
        topology: undefined,
        warnings: [`Decided without the coordinator's view of the shards: ${error.message}`],
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

/** ARM takes 256 characters in a tag's value. */
function tagsOf({ from, to, reason, fingerprint, attempt }: ScaleOutOrder): Record<string, string> {
  const tags = { from: String(from), to: String(to), reason, fingerprint, attempt: String(attempt) }
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
