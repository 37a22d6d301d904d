import { minutesADay } from './load.ts'
import type { RandomStream } from './random-stream.ts'

// The shapes that the built-in loads consist of: shares of the capacity at the start, by minute.

export const days = 30
export const monthMinutes = days * minutesADay

/** From 0 to 1 over the month. */
export const growth = (minute: number): number => minute / monthMinutes

export function officeHours(minute: number): number {
  const day = Math.floor(minute / minutesADay) % 7
  const hour = (minute % minutesADay) / 60
  const working = Math.max(0, Math.sin((Math.PI * (hour - 6)) / 14))
  return 0.25 + (day < 5 ? 0.45 : 0.15) * working
}

/** Rises from 0 to 1 within 5 minutes, stays for 90 minutes, and falls within 30. */
export function crowd(minutesIn: number): number {
  const rise = minutesIn / 5
  const fall = (125 - minutesIn) / 30
  return Math.max(0, Math.min(1, rise, fall))
}

/** Noise with a correlation time of `minutes`, mean 0 and standard deviation 1. */
export function slowNoise(minutes: number): (random: RandomStream) => number {
  const kept = Math.exp(-1 / minutes)
  let value = 0
  return (random) => (value = kept * value + Math.sqrt(1 - kept ** 2) * random.normal())
}

/** Lowest at four in the morning, highest at eight in the evening, a third more at weekends. */
export function shopHours(minute: number): number {
  const day = Math.floor(minute / minutesADay) % 7
  const hour = (minute % minutesADay) / 60
  const evening = Math.exp(-(((hour - 20) / 3) ** 2))
  const daytime = Math.max(0, Math.sin((Math.PI * (hour - 7)) / 16))
  return (0.2 + 0.2 * daytime + 0.25 * evening) * (day < 5 ? 1 : 1.33)
}

/** Rises to 0.5 within 20 minutes. Of that, 0.15 stays, and the rest halves every day. */
export function launch(minutesIn: number): number {
  if (minutesIn < 0) return 0
  const crowd = 0.35 * 0.5 ** (minutesIn / minutesADay)
  return Math.min(1, minutesIn / 20) * (0.15 + crowd)
}

/** From two to four at night, with 15 minutes to rise and 15 to fall. */
export function nightlyBatch(minute: number): number {
  const into = (minute % minutesADay) - 120
  return 0.35 * Math.max(0, Math.min(1, into / 15, (120 - into) / 15))
}
