import type { Worker } from './cpu.ts'

export type BusyWorker = Worker & { percent: number }

/** A shard group that is moving from one worker to another. */
export type Move = { group: string; from: string; to: string }

/** The events of the loop. Times are in milliseconds since 1970, by the loop's clock. */
export type LoopEvent =
  | {
      kind: 'workers'
      workers: readonly BusyWorker[]
      moves: readonly Move[]
      settled: boolean
      /** Whether the metric has them. */
      isMeasured: boolean
    }
  | { kind: 'alert'; title: string; state: string; cpu: number | undefined }
  | { kind: 'posted'; sentAt: number; receiver: string; title: string; status: string; body: string; answer: string }
  | { kind: 'people-notified'; title: string; status: string; summary: string }
  | { kind: 'trouble'; message: string }
  | { kind: 'relieved'; workers: readonly BusyWorker[] }
