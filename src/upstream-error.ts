import type { ReasonOf } from './scaling/reasons.ts'

export type UpstreamReason = Extract<ReasonOf<'failed'>, `azure-${string}` | `citus-${string}`>

/** What an upstream answered, or that it did not: with its code, and when to ask again where it said so. Holds no secret. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
  readonly isUpstream = true
  readonly reason: UpstreamReason
  readonly code: string | undefined
  readonly until: Date | undefined

  constructor(reason: UpstreamReason, message: string, details: { code?: string; until?: Date; cause?: unknown } = {}) {
    super(message, { cause: details.cause })
    this.reason = reason
    this.code = details.code
    this.until = details.until
  }
}

/** The minifier renames the class, and the bundle's files may each have one of their own: the mark stays. */
export const isUpstreamError = (error: unknown): error is UpstreamError =>
  error instanceof Error && 'isUpstream' in error
