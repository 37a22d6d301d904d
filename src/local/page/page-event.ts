import type { LoopEvent } from '../loop-event.ts'

/** The thresholds of a scale-out rule: it fires above one mean CPU in percent, and ends below the other. */
export type Threshold = { title: string; above: number; below: number }

/** A thing to try. `on` is undefined for an action without on and off. */
export type ThingState = { name: string; title: string; explanation: string; on: boolean | undefined }

/** The events for the page: those of the loop, the things tried, and the `status` of the functions after each change. */
export type PageEvent =
  | LoopEvent
  | { kind: 'tried'; thing: string; message: string; things: readonly ThingState[] }
  | { kind: 'status'; report: string }

/** An event with its number and its time. */
export type LoggedEvent = { id: number; at: number; event: PageEvent }

/** The facts that don't change while the loop runs. */
export type PageSetup = {
  /** Distinguishes this run from a later one. */
  startedAt: number
  cluster: string
  speed: number
  thresholds: readonly Threshold[]
  /** How long new workers usually take to come. */
  provisionMinutes: number
}
