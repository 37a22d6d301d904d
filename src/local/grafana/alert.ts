import type { Labels } from './labels.ts'

/** An alert as rules pass it to notifications. Without `endsAt` it fires. */
export type Alert = {
  ruleUid: string
  fingerprint: string
  labels: Labels
  annotations: Labels
  startsAt: Date
  endsAt?: Date
  /** Null when one of them is missing or not a number: Grafana cannot write that as JSON, and then omits all of them. */
  values: Readonly<Record<string, number>> | null
}

export const isFiring = ({ endsAt }: Alert): boolean => endsAt === undefined
