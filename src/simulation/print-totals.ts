import type { Total } from './add-up.ts'

type Column = { title: string; cell: (total: Total, baseline: Total) => string }

const whole = (number: number) => Math.round(number).toLocaleString('en')
const ratio = (one: number, other: number, digits: number) => (other === 0 ? '-' : (one / other).toFixed(digits))

const columns = (threshold: number): readonly Column[] => [
  { title: `minutes over ${threshold} %`, cell: ({ minutesOver }) => whole(minutesOver) },
  { title: "of cooldown's", cell: (total, baseline) => ratio(total.minutesOver, baseline.minutesOver, 3) },
  {
    title: "saturated, of cooldown's",
    cell: (total, baseline) => ratio(total.minutesSaturated, baseline.minutesSaturated, 2),
  },
  { title: "node-hours, of cooldown's", cell: (total, baseline) => ratio(total.nodeHours, baseline.nodeHours, 3) },
  { title: 'scale-outs', cell: ({ scaleOuts }) => whole(scaleOuts) },
  { title: 'refused', cell: ({ deploymentsRefused }) => whole(deploymentsRefused) },
  { title: 'begun before the last had settled', cell: ({ beforeSettled }) => whole(beforeSettled) },
  { title: 'blind', cell: ({ blind }) => whole(blind) },
]

/** The totals of each policy as a Markdown table: the one in the README. */
export function printTotals(totals: readonly Total[], threshold: number): string {
  const baseline = totals.find(({ name }) => name === 'cooldown')
  if (!baseline) throw new Error('there is no policy cooldown to compare with')
  const shown = columns(threshold)
  const lines = [
    ['policy', ...shown.map(({ title }) => title)],
    ['---', ...shown.map(() => '--:')],
    ...totals.map((total) => [`${total.name}: ${total.title}`, ...shown.map(({ cell }) => cell(total, baseline))]),
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
