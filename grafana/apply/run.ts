import { appIdentity } from '../../src/azure/app-identity.ts'
import { allResources } from './all-resources.ts'
import { applyAll, checkGrafana, removeAll } from './apply-all.ts'
import { checkAll } from './check-all.ts'
import { clusterNameIn } from './cluster-names.ts'
import { everythingOfCluster, rulesOfCluster } from './cluster-removals.ts'
import { earlierVersion } from './earlier-version.ts'
import type { Variables } from './expand-variables.ts'
import { forCluster } from './for-cluster.ts'
import { grafanaApi } from './grafana-api.ts'
import { readOptions, usage, type Options } from './options.ts'
import { render } from './render.ts'
import { readShippedFiles } from './shipped-files.ts'

/** The command: reads its arguments, does what they say, prints the results. True if nothing failed and nothing is wrong. */
export async function run(
  args: readonly string[],
  variables: Variables,
  print: (line: string) => void,
): Promise<boolean> {
  let options
  try {
    options = readOptions(args, variables)
  } catch (error) {
    print(`${messageOf(error)}\n\n${usage}`)
    return false
  }
  try {
    return await carryOut(options, variables, print)
  } catch (error) {
    print(`failed     ${messageOf(error)}`)
    return false
  }
}

async function carryOut(options: Options, variables: Variables, print: (line: string) => void): Promise<boolean> {
  const cluster = clusterNameIn(variables, options.kind)
  if (cluster.label === undefined)
    print(
      `CLUSTER_NAME is not set: the names begin with "${cluster.prefix}". A second cluster in one Grafana needs it.`,
    )
  const files = forCluster(await readShippedFiles(options.kind), cluster)
  if (options.task === 'render') {
    const written = await render(files, cluster, variables, options.directory)
    for (const name of written) print(`written    ${name}`)
    return true
  }
  const token = options.signIn === 'entra' ? await entraToken() : options.signIn.token
  const api = grafanaApi(options.url, token)
  switch (options.task) {
    case 'check':
      return checkAll(api, options.kind, files, variables, print)
    case 'remove':
      await checkGrafana(api)
      return removeAll(api, await everythingOfCluster(api, cluster), options.dryRun, print)
    case 'apply': {
      const shipped = new Set(files.groups.flatMap(({ rules }) => rules).map(({ uid }) => uid))
      const leftOver = async () => [
        ...(await rulesOfCluster(api, cluster, shipped)),
        ...(await earlierVersion(api, variables)),
      ]
      return applyAll(api, allResources(api, files, variables), leftOver, options, print)
    }
  }
}

/** A token for Azure Managed Grafana, for the person or identity that is signed in. */
async function entraToken(): Promise<string> {
  const identity = await appIdentity()
  const given = await identity.getToken('https://dashboard.azure.com/.default').catch((cause: unknown) => {
    const advice = "sign in with az login, or use a service account's token (GRAFANA_TOKEN)"
    throw new Error(`Microsoft Entra ID gave no token for Azure Managed Grafana: ${advice}. ${messageOf(cause)}`, {
      cause,
    })
  })
  if (!given) throw new Error('Microsoft Entra ID gave no token for Azure Managed Grafana')
  return given.token
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
