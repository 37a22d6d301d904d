import { setTimeout } from 'node:timers/promises'

/** Time as the emulator knows it, in milliseconds since 1970. A test brings its own. */
export type Clock = {
  now: () => number
  /** Resolves when that time has come, at once if it is past; rejects when the signal aborts. */
  until: (time: number, signal: AbortSignal) => Promise<void>
}

export const systemClock: Clock = {
  now: Date.now,
  until: async (time, signal) => {
    await setTimeout(Math.max(0, time - Date.now()), undefined, { signal })
  },
}
