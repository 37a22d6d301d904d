import { minutesADay, type Load } from './load.ts'
import type { RandomStream } from './random-stream.ts'
import { silenceHours, type Faults } from './world-facts.ts'

/** When the coordinator does not answer, in seconds. A silence is more likely while a worker is saturated. */
export type Silences = {
  /** To call at the end of each minute: a silence may begin then. */
  endMinute: (minute: number, isSaturated: boolean) => void
  /** The silence at that time. */
  current: (now: number) => Silence | undefined
  all: readonly Silence[]
}

export type Silence = { from: number; to: number }

/** The random numbers are drawn for every minute in advance, so that they are the same for all policies. */
export function createSilences(random: RandomStream, { minutes }: Load, faults: Faults): Silences {
  const luck = Float64Array.from(minutes, () => random.uniform())
  const [shortest, longest] = silenceHours
  const hours = Float64Array.from(minutes, () => shortest * (longest / shortest) ** random.uniform())
  const whenCalm = faults.silencesAMonth / (30 * minutesADay)
  const all: Silence[] = []
  return {
    all,
    current: (now) => all.findLast(({ from, to }) => now >= from && now < to),
    endMinute(minute, isSaturated) {
      const from = (minute + 1) * 60
      if (from < (all.at(-1)?.to ?? 0)) return
      if ((luck[minute] ?? 1) >= (isSaturated ? faults.silentWhenSaturated : whenCalm)) return
      all.push({ from, to: from + (hours[minute] ?? 0) * 3600 })
    },
  }
}
