import type { Comparison } from './compare-policies.ts'
import type { Claim } from './judge-claims.ts'
import type { Summary } from './summarize-run.ts'

type Column = { title: string; cell: (summary: Summary) => string }

const whole = (number: number) => Math.round(number).toLocaleString('en')

const columns: readonly Column[] = [
  { title: 'over', cell: ({ minutesOver }) => whole(minutesOver) },
  { title: 'saturated', cell: ({ minutesSaturated }) => whole(minutesSaturated) },
  { title: 'relief', cell: ({ relief }) => String(relief?.median ?? '-') },
  { title: 'p95', cell: ({ relief, endsOver }) => `${relief?.p95 ?? '-'}${endsOver ? '+' : ''}` },
  { title: 'node-h', cell: ({ nodeHours }) => whole(nodeHours) },
  { title: 'workers', cell: ({ workers }) => `${workers.first} > ${workers.last}` },
  { title: 'scale-outs', cell: ({ scaleOuts }) => String(scaleOuts) },
  { title: 'failed', cell: ({ deploymentsFailed }) => String(deploymentsFailed) },
  { title: 'refused', cell: ({ deploymentsRefused }) => String(deploymentsRefused) },
  { title: 'unsettled', cell: ({ beforeSettled }) => String(beforeSettled) },
]

/** What rows and columns say, in words. */
export function legend(threshold: number, summaries: readonly Summary[]): string {
  const nameWidth = Math.max(...summaries.map(({ name }) => name.length))
  const policies = summaries.map(({ name, title }) => `${name.padEnd(nameWidth)}  ${title}`)
  return `${policies.join('\n')}

over: minutes over ${threshold} % CPU where the work is. saturated: minutes in which a worker had no rest.
relief, p95: minutes from going over to staying under, median and 95th percentile; +: ends over.
node-h: hours of all workers. refused: a deployment ran already. unsettled: growth begun before the
last had settled, workers there and shards spread.`
}

/** One load under every policy, one line each, within 100 columns. */
export function printTable({ load, summaries }: Comparison): string {
  const rows = [
    ['', ...columns.map(({ title }) => title)],
    ...summaries.map((summary) => [summary.name, ...columns.map(({ cell }) => cell(summary))]),
  ]
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column + 1]?.length ?? 0)))
  const nameWidth = Math.max(...summaries.map(({ name }) => name.length))
  const lines = rows.map(([name = '', ...cells]) =>
    [name.padEnd(nameWidth), ...cells.map((cell, column) => cell.padStart(widths[column] ?? 0))].join('  '),
  )
  return [`${load.name}: ${load.title}`, ...lines].join('\n')
}

/** Every claim with its figures, whether it holds or not. */
export const printClaims = (claims: readonly Claim[]): string =>
  claims
    .map(
      ({ text, figures, holds }) => `${holds ? 'holds:        ' : 'does not hold:'} ${text}\n               ${figures}`,
    )
    .join('\n')
