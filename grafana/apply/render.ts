import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fillGroup } from './alerting-file.ts'
import { ruleGroups } from './all-resources.ts'
import { completeDashboard } from './dashboards.ts'
import type { Variables } from './expand-variables.ts'
import type { ShippedFiles } from './shipped-files.ts'

/**
 * Writes a tree for Grafana's provisioning directory: the queries' placeholders filled, the variables left for Grafana to expand. Data
 * sources and dashboard providers are read from .yaml files only, and JSON is YAML. Throws MissingVariables before anything is written.
 */
export async function render(files: ShippedFiles, variables: Variables, policies: boolean, directory: string) {
  const dashboards = files.dashboards.map(({ dashboard, ownPanels }): [string, unknown] => [
    `dashboards/citus-autoscaler/${dashboard.uid}.json`,
    completeDashboard(dashboard, ownPanels, variables),
  ])
  const groups = ruleGroups(files, policies).map((group) => fillGroup(group, variables))
  const rendered: readonly (readonly [name: string, content: unknown])[] = [
    ['alerting/citus-autoscaler-rules.json', { apiVersion: 1, groups }],
    ['alerting/citus-autoscaler-contact-points.json', files.contactPoints],
    ['alerting/citus-autoscaler-mute-timings.json', files.muteTimings],
    ...(policies ? [['alerting/citus-autoscaler-policies.json', files.policies] as const] : []),
    ['datasources/citus-autoscaler.yaml', { apiVersion: 1, datasources: files.dataSources }],
    ['dashboards/citus-autoscaler.yaml', provider(groups[0]?.folder ?? '')],
    ...dashboards,
  ]
  for (const [name, content] of rendered) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), `${JSON.stringify(content, null, 2)}\n`)
  }
  return rendered.map(([name]) => join(directory, name))
}

// No folderUid: Grafana would make a second folder of that title beside the one that the rules made (grafana/grafana#125079).
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
