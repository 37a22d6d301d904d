import type { TimeSplit } from './split-time.ts'

const rowHeight = 20
const most = 12
const labelWidth = 110

/** The colours differ in brightness, too. */
const parts = [
  { name: 'detect', fill: '#111' },
  { name: 'decide', fill: '#a33b00' },
  { name: 'provision', fill: '#b9c6d3' },
  { name: 'move', fill: '#5f7d99' },
] as const

export const timesHeight = (times: readonly TimeSplit[]): number =>
  times.length === 0 ? 0 : 64 + Math.min(times.length, most) * rowHeight

/** A bar for each growth, from the threshold to the last shard's move, with a mark where the CPU was below the threshold again. */
export function plotTimes(all: readonly TimeSplit[], width: number): string {
  const times = all.slice(0, most)
  if (times.length === 0) return ''
  const longest = Math.max(...times.map((time) => parts.reduce((sum, { name }) => sum + (time[name] ?? 0), 0)))
  const x = (minutes: number) => labelWidth + ((width - labelWidth - 60) * minutes) / longest
  const rows = times.map((time, index) => row(time, 52 + index * rowHeight, x))
  return `<text y="18" font-weight="bold">Where the time of this project's growths went, in minutes</text>
${parts.map(({ name, fill }, index) => `<rect x="${labelWidth + index * 110}" y="28" width="12" height="12" fill="${fill}"/><text x="${labelWidth + index * 110 + 18}" y="38" font-size="11">${name}</text>`).join('')}
<path d="M${labelWidth + 446} 27v14" stroke="#111" stroke-width="3"/><text x="${labelWidth + 456}" y="38" font-size="11">relief</text>
${rows.join('\n')}`
}

function row(time: TimeSplit, y: number, x: (minutes: number) => number): string {
  let at = 0
  const bars = parts.map(({ name, fill }) => {
    const spent = time[name] ?? 0
    const bar = `<rect x="${x(at).toFixed(1)}" y="${y}" width="${(x(at + spent) - x(at)).toFixed(1)}" height="12" fill="${fill}"/>`
    at += spent
    return bar
  })
  const relief =
    time.relief === null
      ? ''
      : `<path d="M${x(time.relief).toFixed(1)} ${y - 2}v16" stroke="#fff" stroke-width="5"/><path d="M${x(time.relief).toFixed(1)} ${y - 2}v16" stroke="#111" stroke-width="3"/>`
  const label = `<text y="${y + 10}" font-size="11">${time.from} to ${time.to}, day ${(time.crossedAt / 1440).toFixed(1)}</text>`
  return `${label}${bars.join('')}${relief}<text x="${(x(at) + 8).toFixed(1)}" y="${y + 10}" font-size="11">${Math.round(at)}</text>`
}
