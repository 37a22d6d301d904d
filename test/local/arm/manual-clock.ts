import type { Clock } from '../../../src/local/arm/clock.ts'

/** A clock that only moves with `advance`. */
export function manualClock(start = Date.UTC(2026, 0, 1)) {
  let now = start
  let waiting: { time: number; wake: () => void }[] = []
  const clock = {
    now: () => now,
    until: (time: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        if (time <= now) return resolve()
        waiting.push({ time, wake: resolve })
        signal.addEventListener('abort', () => reject(new Error('The clock was stopped.')))
      }),
    advance(milliseconds: number): void {
      now += milliseconds
      waiting.filter(({ time }) => time <= now).forEach(({ wake }) => wake())
      waiting = waiting.filter(({ time }) => time > now)
    },
  } satisfies Clock & Record<string, unknown>
  return clock
}
