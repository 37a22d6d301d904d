import type { Comparison } from './compare-policies.ts'
import type { Load } from './load.ts'
import { plotTimes, timesHeight } from './plot-times.ts'
import type { Run } from './run-policy.ts'
import type { Summary } from './summarize-run.ts'

const width = 960
const margin = { left: 56, right: 16, top: 64, bottom: 36 }
const plotWidth = width - margin.left - margin.right
const bandHeight = 186
const loadHeight = 84
const cpuHeight = 36
/** Where the two plots of a band begin, counted from its top; the title is above them. */
const loadTop = 40
const cpuTop = loadTop + loadHeight + 12

/** Draws one load under every policy: one band each, with load and capacity above and CPU below. Lines differ in shape, not only in colour. */
export function plotSvg({ load, runs, summaries }: Comparison, threshold: number): string {
  const bands = runs.map((run, index) => ({ run, summary: summaries[index] }))
  const bandsEnd = margin.top + bands.length * bandHeight
  const times = summaries.find(({ name }) => name === 'ours')?.growths ?? []
  const height = bandsEnd + margin.bottom + timesHeight(times)
  const capacity = runs.map(({ log }) => (log.workers.at(-1) ?? 0) * 100)
  const highest = load.minutes.reduce((most, work) => Math.max(most, work), Math.max(...capacity))
  const area = areaPath(perPixel(load.minutes), highest)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13" fill="#111">
<title>${escaped(load.name)}: ${escaped(load.title)}</title>
<defs><path id="load" d="${area}"/></defs>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${margin.left}" y="22" font-size="16" font-weight="bold">${escaped(load.title)}</text>
${key(threshold)}
${bands.map(({ run, summary }, index) => band(run, summary, index, highest, threshold)).join('\n')}
${timeAxis(load, bandsEnd)}
<g transform="translate(${margin.left} ${bandsEnd + margin.bottom})">${plotTimes(times, plotWidth)}</g>
</svg>
`
}

const styles = {
  load: 'fill="#b9c6d3"',
  capacity: 'fill="none" stroke="#111" stroke-width="2.5"',
  cpu: 'fill="none" stroke="#a33b00" stroke-width="1"',
  threshold: 'stroke="#111" stroke-width="1" stroke-dasharray="5 4"',
}

const key = (threshold: number) => {
  const items: [mark: string, text: string][] = [
    [`<rect x="0" y="-9" width="26" height="10" ${styles.load}/>`, 'load'],
    [`<path d="M0 0H13V-9H26" ${styles.capacity}/>`, 'capacity: workers'],
    [`<path d="M0 0L6 -8L12 -2L18 -9L26 -3" ${styles.cpu}/>`, 'CPU where the work is'],
    [`<path d="M0 -4H26" ${styles.threshold}/>`, `threshold, ${threshold} %`],
  ]
  const marks = items.map(
    ([mark, text], index) =>
      `<g transform="translate(${margin.left + index * 200} 46)">${mark}<text x="34">${text}</text></g>`,
  )
  return marks.join('\n')
}

function band(
  { policy, log, growths }: Run,
  summary: Summary | undefined,
  index: number,
  highest: number,
  threshold: number,
) {
  const figures = summary
    ? `${count(summary.minutesOver, 'minute')} over, ${count(summary.minutesSaturated, 'minute')} saturated, ${count(Math.round(summary.nodeHours), 'node-hour')}, ${count(summary.scaleOuts, 'scale-out')}`
    : ''
  const cpuY = (cpu: number) => cpuTop + cpuHeight * (1 - cpu / 100)
  const labels = sizeLabels(log.workers[0] ?? 0, growths, log.workers.length)
  return `<g transform="translate(${margin.left} ${margin.top + index * bandHeight})">
<text y="18"><tspan font-weight="bold">${escaped(policy.title)}</tspan><tspan dx="10">${figures}</tspan></text>
<use href="#load" y="${loadTop}" ${styles.load}/>
<path d="${stepPath(log.workers, highest)}" ${styles.capacity}/>
${labels.map(({ to, x }) => `<text x="${round(x)}" y="${round(loadTop + yOf(to * 100, highest) - 4)}" text-anchor="middle" font-size="11">${to}</text>`).join('')}
<text x="-8" y="${loadTop + loadHeight}" text-anchor="end" font-size="11">0</text>
<path d="M0 ${loadTop + loadHeight}H${plotWidth}M0 ${cpuY(0)}H${plotWidth}" stroke="#888" stroke-width="0.5"/>
<path d="${linePath(perPixel(log.feltCpu), cpuY)}" ${styles.cpu}/>
<path d="M0 ${round(cpuY(threshold))}H${plotWidth}" ${styles.threshold}/>
<text x="-8" y="${round(cpuY(threshold)) + 4}" text-anchor="end" font-size="11">${threshold} %</text>
</g>`
}

/** The labels with the number of workers. Of labels too close to each other, only the last is kept. */
function sizeLabels(first: number, growths: Run['growths'], minutes: number): { to: number; x: number }[] {
  const grown = growths
    .filter(({ succeeds }) => succeeds)
    .map(({ to, endsAt }) => ({ to, x: xOf(endsAt / 60, minutes) }))
  const all = [{ to: first, x: 8 }, ...grown]
  return all.filter(({ x }, index) => (all[index + 1]?.x ?? Infinity) - x > 16)
}

/** The highest value for every two pixels, so that short peaks stay visible. */
function perPixel(values: Float64Array): number[] {
  const buckets = Math.min(values.length, plotWidth / 2)
  return Array.from({ length: buckets }, (_, bucket) => {
    const [from, to] = [bucket, bucket + 1].map((edge) => Math.floor((edge * values.length) / buckets))
    return values.subarray(from, to).reduce((most, value) => Math.max(most, value), 0)
  })
}

const yOf = (work: number, highest: number) => loadHeight * (1 - work / highest)
const xOf = (minute: number, minutes: number) => (plotWidth * minute) / minutes
const round = (number: number) => Math.round(number * 10) / 10

function areaPath(values: readonly number[], highest: number): string {
  const points = values.map((value, index) => `${round(xOf(index + 0.5, values.length))} ${round(yOf(value, highest))}`)
  return `M0 ${loadHeight}L${points.join(' ')} ${plotWidth} ${loadHeight}Z`
}

const linePath = (values: readonly number[], y: (value: number) => number) =>
  `M${values.map((value, index) => `${round(xOf(index + 0.5, values.length))} ${round(y(value))}`).join(' ')}`

function stepPath(workers: Uint16Array, highest: number): string {
  const y = (count: number) => round(loadTop + yOf(count * 100, highest))
  let path = `M0 ${y(workers[0] ?? 0)}`
  workers.forEach((count, minute) => {
    if (minute > 0 && count !== workers[minute - 1]) path += `H${round(xOf(minute, workers.length))}V${y(count)}`
  })
  return `${path}H${plotWidth}`
}

/** In days for loads of more than three days, else in hours. */
function timeAxis({ minutes }: Load, y: number): string {
  const unit = minutes.length > 3 * 24 * 60 ? { name: 'day', minutes: 24 * 60 } : { name: 'hour', minutes: 60 }
  const units = Math.floor(minutes.length / unit.minutes)
  const each = Math.max(1, Math.ceil(units / 15))
  const ticks = Array.from({ length: Math.floor(units / each) + 1 }, (_, tick) => tick * each)
  const marks = ticks.map((tick) => {
    const x = round(margin.left + xOf(tick * unit.minutes, minutes.length))
    return `<path d="M${x} ${y - 8}v6" stroke="#111"/><text x="${x}" y="${y + 12}" text-anchor="middle" font-size="11">${tick === 0 ? `${unit.name} 0` : tick}</text>`
  })
  return marks.join('\n')
}

const count = (number: number, noun: string) => `${number.toLocaleString('en')} ${number === 1 ? noun : `${noun}s`}`

const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
