import * as z from 'zod'
import { labelsKey } from './labels.ts'
import { mapValue } from './evaluate-math.ts'
import type { Value } from './values.ts'

const one = z.tuple([z.number()])
const two = z.tuple([z.number(), z.number()])

export const evaluatorSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['gt', 'lt', 'gte', 'lte', 'eq', 'ne']), params: one }),
  z.strictObject({ type: z.enum(['within_range', 'outside_range']), params: two }),
])
export type Evaluator = z.infer<typeof evaluatorSchema>

/** Whether a number passes; NaN passes `ne` only, as in Go. */
export function passes({ type, params }: Evaluator, number: number): boolean {
  const [first] = params
  switch (type) {
    case 'gt':
      return number > first
    case 'lt':
      return number < first
    case 'gte':
      return number >= first
    case 'lte':
      return number <= first
    case 'eq':
      return number === first
    case 'ne':
      return number !== first
    case 'within_range':
      return number > first && number < params[1]
    case 'outside_range':
      return number < first || number > params[1]
  }
}

/**
 * 0 or 1 per value (grafana, pkg/expr/threshold.go and hysteresis.go). With a recovery threshold, an instance that was pending or firing
 * (its label key is in `loaded`) stays 1 until its value passes `unload`.
 */
export function applyThreshold(
  values: readonly Value[],
  { load, unload }: { load: Evaluator; unload?: Evaluator | undefined },
  loaded: ReadonlySet<string>,
): readonly Value[] {
  return values.map((value) => {
    const stays = unload && loaded.has(labelsKey(value.labels))
    return mapValue(value, (number) => ((stays ? !passes(unload, number) : passes(load, number)) ? 1 : 0))
  })
}
