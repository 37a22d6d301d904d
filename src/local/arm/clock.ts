import { setTimeout } from 'node:timers/promises'

/** The emulator's clock, in milliseconds since 1970. Tests use their own. */
export type Clock = {
  now: () => number
  /** Resolves at that time, at once if it is past; rejects when the signal aborts. */
  until: (time: number, signal: AbortSignal) => Promise<void>
}

export const systemClock: Clock = {
  now: Date.now,
  until: async (time, signal) => {
    await setTimeout(Math.max(0, time - Date.now()), undefined, { signal })
  },
}
