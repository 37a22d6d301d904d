import type { ReasonOf } from './scaling/reasons.ts'

export type UpstreamReason = Extract<ReasonOf<'failed'>, `azure-${string}` | `citus-${string}`>

/** An error of Azure or of the database, or their silence: with the error code, and when to retry if they said so. Holds no secret. */
export class UpstreamError extends Error {
  /** Used to recognise it: the build renames classes, and may bundle one twice. */
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

export const isUpstreamError = (error: unknown): error is UpstreamError =>
  error instanceof Error && 'isUpstream' in error
