import * as z from 'zod'

const sharedFileSchema = z.looseObject({
  shared: z.record(z.string(), z.array(z.unknown())).optional(),
  groups: z.array(z.looseObject({ rules: z.array(z.looseObject({ data: z.array(z.unknown()) })) })),
})
const useSchema = z.strictObject({ use: z.string() })

/**
 * Writes out shared queries in each rule of a file: `{ "use": "cpu_percent" }` in a rule's data stands for the queries and expressions of
 * that name under `shared`, which Grafana's format does not have. Any other file is returned unchanged.
 */
export function withSharedQueries(content: unknown): unknown {
  const parsed = sharedFileSchema.safeParse(content)
  if (!parsed.success) return content
  const { shared = {}, ...file } = parsed.data
  const written = (item: unknown): unknown[] => {
    const use = useSchema.safeParse(item)
    if (!use.success) return [item]
    const queries = shared[use.data.use]
    if (!queries) throw new Error(`"use": "${use.data.use}" is none of ${Object.keys(shared).join(', ')}`)
    return queries
  }
  const groups = file.groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({ ...rule, data: rule.data.flatMap(written) })),
  }))
  return { ...file, groups }
}
