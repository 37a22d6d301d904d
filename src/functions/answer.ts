import { reasons, type Reason } from '../scaling/reasons.ts'
import type { AlertCounts } from '../webhook/triage.ts'

/** The answer of a function: the fields that every answer may have, and further details for a person who reads it. */
export type Answer = {
  reason: Reason
  /** One sentence for a person. */
  message: string
  alerts?: AlertCounts
  workers?: { from: number; to: number }
  deployment?: string
  job?: number
  moves?: number
  /** When the reason for holding ends by itself. */
  until?: Date
  warnings?: string[]
  problems?: string[]
  [more: string]: unknown
}

/** The body of an answer. */
export function answerBody({ reason, message, alerts = {}, ...more }: Answer): Record<string, unknown> {
  return { outcome: reasons[reason].outcome, reason, message, alerts, ...more }
}

/** The field `warnings`, left out when there are none. */
export const warningsField = (warnings: string[]): { warnings?: string[] } => (warnings.length > 0 ? { warnings } : {})
