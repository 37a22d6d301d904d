import { reasons, type Reason } from '../scaling/reasons.ts'
import type { AlertCounts } from '../webhook/triage.ts'

/** What a function answers: the contract's fields, and whatever else a person with curl would want to see. */
export type Answer = {
  reason: Reason
  /** One sentence for a person. */
  message: string
  alerts?: AlertCounts
  workers?: { from: number; to: number }
  deployment?: string
  job?: number
  moves?: number
  /** When what holds it back ends by itself. */
  until?: Date
  warnings?: string[]
  problems?: string[]
  [more: string]: unknown
}

/** The body of an answer. */
export function answerBody({ reason, message, alerts = {}, ...more }: Answer): Record<string, unknown> {
  return { outcome: reasons[reason].outcome, reason, message, alerts, ...more }
}

/** The field `warnings`, where there are any. */
export const warned = (warnings: string[]): { warnings?: string[] } => (warnings.length > 0 ? { warnings } : {})
