import { parseArgs } from 'node:util'
import type { ClusterKind } from '../../src/settings.ts'
import { clusterKinds } from './shipped-files.ts'

export const usage = `npm run grafana -- --url URL [--token TOKEN | --entra] [options]
npm run grafana -- --render DIRECTORY [options]

  --url URL           the Grafana to apply to
  --token TOKEN       a service account's token; better in the variable GRAFANA_TOKEN, where no process list shows it
  --entra             sign in with Microsoft Entra ID (az login, managed identity, …): for Azure Managed Grafana
  --kind KIND         ${clusterKinds.join(', ')}; else the variable CLUSTER_KIND, else the first
  --policies          route by a notification policy tree instead of by each rule
  --write-secrets     write contact points and data sources even when nothing else about them changed: to rotate secrets
  --dry-run           only tell what would change
  --render DIRECTORY  write files for Grafana's own provisioning instead`

export type Options = {
  kind: ClusterKind
  policies: boolean
} & (
  | { task: 'render'; directory: string }
  | { task: 'apply'; url: string; signIn: { token: string } | 'entra'; dryRun: boolean; writeSecrets: boolean }
)

/** Throws with what is wrong about the command's arguments. */
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
      policies: { type: 'boolean', default: false },
      'write-secrets': { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      render: { type: 'string' },
    },
  })
  const common = { kind: readKind(values.kind ?? environment.CLUSTER_KIND), policies: values.policies }
  if (values.render !== undefined) return { ...common, task: 'render', directory: values.render }
  if (values.url === undefined || !/^https?:\/\//.test(values.url))
    throw new Error('--url must be the URL of a Grafana')
  const token = values.token ?? environment.GRAFANA_TOKEN
  const signIn = values.entra ? 'entra' : token ? { token } : undefined
  if (!signIn) throw new Error('--token, the variable GRAFANA_TOKEN or --entra is needed')
  const modes = { dryRun: values['dry-run'], writeSecrets: values['write-secrets'] }
  return { ...common, task: 'apply', url: values.url, signIn, ...modes }
}

function readKind(text: string | undefined): ClusterKind {
  if (text === undefined || text === '') return clusterKinds[0]
  const kind = clusterKinds.find((known) => known === text)
  if (!kind) throw new Error(`--kind must be one of ${clusterKinds.join(', ')}, not ${text}`)
  return kind
}
