import type { HistoryEntry } from '../../../scaling/merge-history.ts'

/** An entry of `history`, with times as text. */
export type Entry = Omit<HistoryEntry, 'startedAt' | 'endedAt'> & { startedAt?: string; endedAt?: string }

/** The part of `status` that the page uses. */
export type Status = { message: string; history: readonly Entry[]; warnings: readonly string[]; text: string }

/** Undefined for any other answer, such as `misconfigured`. */
export function readStatus(text: string): Status | undefined {
  const value = JSON.parse(text) as Partial<Status> & { reason?: string }
  if (value.reason !== 'status') return undefined
  return { message: value.message ?? '', history: value.history ?? [], warnings: value.warnings ?? [], text }
}
