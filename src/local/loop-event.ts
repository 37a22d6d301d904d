import type { Worker } from './cpu.ts'

export type BusyWorker = Worker & { percent: number }

/** What can be seen of the loop from outside. */
export type LoopEvent =
  | { kind: 'workers'; workers: readonly BusyWorker[] }
  | { kind: 'alert'; title: string; state: string; cpu: number | undefined }
  | { kind: 'posted'; receiver: string; title: string; status: string; answer: string }
  | { kind: 'told-people'; title: string; status: string }
  | { kind: 'trouble'; message: string }
  | { kind: 'relieved'; workers: readonly BusyWorker[] }
