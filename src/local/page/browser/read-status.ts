import type { HistoryEntry } from '../../../scaling/merge-history.ts'

/** An entry of `history`, its times as JSON has them. */
export type Entry = Omit<HistoryEntry, 'startedAt' | 'endedAt'> & { startedAt?: string; endedAt?: string }

/** What the page takes from the functions' status. */
export type Status = { message: string; history: readonly Entry[]; warnings: readonly string[]; text: string }

/** Undefined where it is no status, as while the functions can't read their settings. */
export function readStatus(text: string): Status | undefined {
  const value = JSON.parse(text) as Partial<Status> & { reason?: string }
  if (value.reason !== 'status') return undefined
  return { message: value.message ?? '', history: value.history ?? [], warnings: value.warnings ?? [], text }
}
