import type * as z from 'zod/mini'
import { UpstreamError } from '../upstream-error.ts'

/** Parses what the database answered. @throws UpstreamError citus-refused, with where it differs: the schema is of another version */
export function parseAnswer<T extends z.ZodMiniType>(schema: T, answer: unknown, source: string): z.infer<T> {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  const where = result.error.issues.map(({ path }) => path.join('.') || 'the whole').join(', ')
  const message = `${source} answered otherwise than this app expects (${where}): run sql/01-autoscaler.sql and sql/02-roles.sql of the same version.`
  throw new UpstreamError('citus-refused', message, { cause: result.error })
}
