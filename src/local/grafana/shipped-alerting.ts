import { readFile } from 'node:fs/promises'
import type { Variables } from '../../../grafana/apply/expand-variables.ts'
import type { ClusterKind } from '../../settings.ts'
import { readAlerting, type Alerting } from './read-alerting.ts'

const folder = new URL('../../../grafana/', import.meta.url)

/** The alerting of grafana/ for one kind of cluster, as it is on the disk now. */
export async function shippedAlerting(kind: ClusterKind, variables: Variables): Promise<Alerting> {
  const alerting = ['database', 'contact-points', 'mute-timings'].map((name) => `alerting/${name}.json`)
  const names = [...alerting, `kinds/${kind}/rules.json`]
  const documents = await Promise.all(
    names.map(async (name): Promise<unknown> => JSON.parse(await readFile(new URL(name, folder), 'utf8'))),
  )
  return readAlerting(documents, variables)
}
