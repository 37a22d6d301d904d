import { parseArgs } from 'node:util'
import type { ClusterKind } from '../../src/settings.ts'
import { clusterKinds } from './shipped-files.ts'

export const usage = `npm run grafana -- --url URL [--token TOKEN | --entra] [options]
npm run grafana -- --render DIRECTORY [options]

  --url URL           the Grafana to apply to, with its path
  --token TOKEN       a service account's token; better in the variable GRAFANA_TOKEN, which no process list shows
  --entra             sign in with Microsoft Entra ID (az login, managed identity, …): for Azure Managed Grafana
  --kind KIND         ${clusterKinds.join(', ')}; else the variable CLUSTER_KIND, else the first
  --write-secrets     write contact points and data sources even if nothing else in them has changed: to rotate secrets
  --dry-run           only show what would change
  --check             change nothing: check data sources, contact points, rules and the functions
  --remove            remove only what was applied for the cluster in CLUSTER_NAME
  --render DIRECTORY  write files for Grafana's own provisioning instead`

type SignIn = { url: string; signIn: { token: string } | 'entra' }
export type Options = { kind: ClusterKind } & (
  | { task: 'render'; directory: string }
  | ({ task: 'apply'; dryRun: boolean; writeSecrets: boolean } & SignIn)
  | ({ task: 'remove'; dryRun: boolean } & SignIn)
  | ({ task: 'check' } & SignIn)
)

/** Throws an error that says what is wrong with the arguments. */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      entra: { type: 'boolean', default: false },
      kind: { type: 'string' },
      'write-secrets': { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      remove: { type: 'boolean', default: false },
      render: { type: 'string' },
    },
  })
  const kind = readKind(values.kind ?? environment.CLUSTER_KIND)
  const tasks = [values.render !== undefined, values.check, values.remove].filter(Boolean)
  if (tasks.length > 1) throw new Error('use --render, --check and --remove one at a time')
  if (values.render !== undefined) return { kind, task: 'render', directory: values.render }
  if (values.url === undefined || !/^https?:\/\//.test(values.url))
    throw new Error('--url must be the URL of a Grafana')
  const token = values.token ?? environment.GRAFANA_TOKEN
  const signIn: SignIn['signIn'] | undefined = values.entra ? 'entra' : token ? { token } : undefined
  if (!signIn) throw new Error('--token, the variable GRAFANA_TOKEN or --entra is needed')
  const common = { kind, url: values.url, signIn }
  const dryRun = values['dry-run']
  if (values.check) return { ...common, task: 'check' }
  if (values.remove) return { ...common, task: 'remove', dryRun }
  return { ...common, task: 'apply', dryRun, writeSecrets: values['write-secrets'] }
}

function readKind(text: string | undefined): ClusterKind {
  if (text === undefined || text === '') return clusterKinds[0]
  const kind = clusterKinds.find((known) => known === text)
  if (!kind) throw new Error(`--kind must be one of ${clusterKinds.join(', ')}, not ${text}`)
  return kind
}
