import type { Comparison } from './compare-policies.ts'
import type { Claim } from './judge-claims.ts'
import type { Summary } from './summarize-run.ts'

type Column = { title: string; cell: (summary: Summary) => string }

const whole = (number: number) => Math.round(number).toLocaleString('en')

const columns: readonly Column[] = [
  { title: 'min over', cell: ({ minutesOver }) => whole(minutesOver) },
  { title: 'saturated', cell: ({ minutesSaturated }) => whole(minutesSaturated) },
  { title: 'relief: median', cell: ({ relief }) => (relief ? `${relief.median} min` : '-') },
  { title: 'p95', cell: ({ relief, endsOver }) => `${relief ? `${relief.p95} min` : '-'}${endsOver ? '+' : ''}` },
  { title: 'node-hours', cell: ({ nodeHours }) => whole(nodeHours) },
  { title: 'workers', cell: ({ workers }) => `${workers.first} > ${workers.last}` },
  { title: 'scale-outs', cell: ({ scaleOuts }) => String(scaleOuts) },
  { title: 'failed', cell: ({ deploymentsFailed }) => String(deploymentsFailed) },
  { title: 'refused', cell: ({ deploymentsRefused }) => String(deploymentsRefused) },
  { title: 'unsettled', cell: ({ beforeSettled }) => String(beforeSettled) },
]

/** What the columns say, in words. */
export const legend = (threshold: number): string =>
  `min over: minutes over ${threshold} % CPU where the work is. saturated: minutes in which a worker had no rest. relief: from going over
to staying under; + when it ends over. refused: a deployment ran already. unsettled: growth begun before the last had settled.`

/** One load under every policy, one line each. */
export function printTable({ load, summaries }: Comparison): string {
  const rows = [
    columns.map(({ title }) => title),
    ...summaries.map((summary) => columns.map(({ cell }) => cell(summary))),
  ]
  const names = ['', ...summaries.map(({ title }) => title)]
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const nameWidth = Math.max(...names.map(({ length }) => length))
  const lines = rows.map((row, index) =>
    [(names[index] ?? '').padEnd(nameWidth), ...row.map((cell, column) => cell.padStart(widths[column] ?? 0))].join(
      '  ',
    ),
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
