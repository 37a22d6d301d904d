import type { Model } from './model.ts'

export type Scale = {
  /** The earliest time that is shown. */
  from: number
  width: number
  left: number
  right: number
  x: (at: number) => number
  ticks: { x: number; minute: number }[]
}

const minute = 60_000
const shortest = 30 * minute
const longest = 90 * minute

/** The x position of a time on a chart of that width, which shows at least 30 and at most 90 minutes. */
export function timeScale({ samples }: Pick<Model, 'samples'>, width: number): Scale {
  const start = samples[0]?.at ?? 0
  const now = samples.at(-1)?.at ?? start
  const from = Math.max(start, now - longest)
  const to = Math.max(now, start + shortest)
  const left = 58
  const right = width - 8
  const x = (at: number) => Math.round((left + ((at - from) / (to - from)) * (right - left)) * 10) / 10
  const step = (to - from > 45 * minute ? 15 : 5) * (width < 500 ? 2 : 1)
  const first = Math.ceil((from - start) / minute / step) * step
  const ticks: Scale['ticks'] = []
  for (let each = first; start + each * minute <= to; each += step)
    ticks.push({ x: x(start + each * minute), minute: each })
  return { from, width, left, right, x, ticks }
}
