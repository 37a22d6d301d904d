import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fillGroup } from './alerting-file.ts'
import { nameFor, variableFor, type ClusterName } from './cluster-names.ts'
import { renameVariables, type Variables } from './expand-variables.ts'
import { jsonSchema, type Json } from './json.ts'
import type { ShippedFiles } from './shipped-files.ts'

const secrets = ['AUTOSCALER_FUNCTION_KEY', 'AUTOSCALER_WEBHOOK_SECRET', 'CITUS_READER_PASSWORD']

/**
 * Writes files for Grafana's provisioning directory, next to those of other clusters. Secrets and unset variables are not filled in: they
 * stay variables, with names that end in the cluster's, which Grafana expands. Grafana reads data sources and dashboard providers only from
 * .yaml files, and JSON is YAML. Throws MissingVariables before anything is written.
 */
export async function render(files: ShippedFiles, cluster: ClusterName, variables: Variables, directory: string) {
  const own = (short: string) => nameFor(cluster, short)
  const forGrafana = (value: unknown): Json =>
    renameVariables(jsonSchema.parse(value), (variable) => {
      const known = secrets.includes(variable) ? undefined : variables[variable]
      return known === undefined ? `$${variableFor(cluster, variable)}` : known.replaceAll('$', '$$$$')
    })
  const rendered: readonly (readonly [name: string, content: unknown])[] = [
    [
      `alerting/${own('rules')}.json`,
      { apiVersion: 1, groups: files.groups.map((group) => fillGroup(group, variables)) },
    ],
    [`alerting/${own('contact-points')}.json`, { apiVersion: 1, contactPoints: forGrafana(files.contactPoints) }],
    [`alerting/${own('mute-timings')}.json`, { apiVersion: 1, muteTimes: files.muteTimes }],
    [`datasources/${own('datasources')}.yaml`, { apiVersion: 1, datasources: forGrafana(files.dataSources) }],
    ['dashboards/citus-autoscaler.yaml', provider(files.groups[0]?.folder ?? '')],
    ...files.dashboards.map(
      ({ dashboard }) => [`dashboards/citus-autoscaler/${dashboard.uid}.json`, dashboard] as const,
    ),
  ]
  for (const [name, content] of rendered) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), `${JSON.stringify(content, null, 2)}\n`)
  }
  return rendered.map(([name]) => join(directory, name))
}

// No folderUid: with it, Grafana would make a second folder with the title of the rules' folder (grafana/grafana#125079).
const provider = (folder: string) => ({
  apiVersion: 1,
  providers: [
    {
      name: 'citus-autoscaler',
      folder,
      type: 'file',
      allowUiUpdates: true,
      options: { path: '/etc/grafana/provisioning/dashboards/citus-autoscaler' },
    },
  ],
})
