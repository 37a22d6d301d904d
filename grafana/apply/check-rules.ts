import * as z from 'zod'
import type { RuleGroup } from './alerting-file.ts'
import type { Finding } from './finding.ts'
import { rulesIn } from './cluster-removals.ts'
import type { GrafanaApi } from './grafana-api.ts'

const evaluatedSchema = z.object({
  data: z.object({
    groups: z.array(
      z.looseObject({
        rules: z.array(z.looseObject({ name: z.string(), health: z.string(), lastError: z.string().default('') })),
      }),
    ),
  }),
})

/** Checks that every rule exists, is not paused, and that its last evaluation succeeded with data. */
export async function checkRules(api: GrafanaApi, groups: readonly RuleGroup[]): Promise<Finding[]> {
  const stored = new Map((await rulesIn(api)).map((rule) => [rule.uid, rule]))
  const { data } = await api.get('/api/prometheus/grafana/api/v1/rules', evaluatedSchema)
  const evaluated = new Map(data.groups.flatMap(({ rules }) => rules.map((rule) => [rule.name, rule])))
  return groups
    .flatMap(({ rules }) => rules)
    .map(({ uid, title }): Finding => {
      const name = `rule ${title}`
      const found = stored.get(uid)
      if (!found) return { name, problem: 'it is not there: apply first' }
      if (found.isPaused) return { name, problem: 'it is paused' }
      const { health, lastError } = evaluated.get(title) ?? { health: 'unknown', lastError: '' }
      if (health === 'error') return { name, problem: `its last evaluation failed: ${lastError || 'no explanation'}` }
      if (health === 'nodata') return { name, note: 'its last evaluation found no data' }
      return { name }
    })
}
