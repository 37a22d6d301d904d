import type * as z from 'zod/mini'
import { UpstreamError } from '../upstream-error.ts'

/** Parses an answer of the database. @throws UpstreamError citus-refused, naming the fields that are wrong: the schema has another version */
export function parseAnswer<T extends z.ZodMiniType>(schema: T, answer: unknown, source: string): z.infer<T> {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  const where = result.error.issues.map(({ path }) => path.join('.') || 'the whole').join(', ')
  const message = `${source} returned a value that this app does not expect (${where}): run sql/01-autoscaler.sql and sql/02-roles.sql of the same version.`
  throw new UpstreamError('citus-refused', message, { cause: result.error })
}
