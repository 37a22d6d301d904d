import type { LoopEvent } from '../loop-event.ts'

/** A rule that asks for workers: above which mean CPU in percent, and below which it ends. */
export type Threshold = { title: string; above: number; below: number }

/** A thing that can be tried. `on` is undefined for one that is done at once, and cannot be switched. */
export type ThingState = { name: string; title: string; explanation: string; on: boolean | undefined }

/** What the page is told: what happens in the loop, what somebody tries, and the `status` of the functions whenever it has changed. */
export type PageEvent =
  | LoopEvent
  | { kind: 'tried'; thing: string; message: string; things: readonly ThingState[] }
  | { kind: 'status'; report: string }

/** An event with its number and its time. */
export type StoryEvent = { id: number; at: number; event: PageEvent }

/** What does not change while the loop runs. */
export type PageSetup = {
  /** Tells one loop from the next. */
  startedAt: number
  cluster: string
  speed: number
  thresholds: readonly Threshold[]
  /** How long new workers take to come, usually. */
  provisionMinutes: number
}
