import type { Comparison } from './compare-policies.ts'
import type { Claim } from './judge-claims.ts'
import { minutesADay } from './load.ts'
import type { TimeSplit } from './split-time.ts'
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
  { title: 'growths', cell: ({ scaleOuts }) => String(scaleOuts) },
  { title: 'failed', cell: ({ deploymentsFailed }) => String(deploymentsFailed) },
  { title: 'refused', cell: ({ deploymentsRefused }) => String(deploymentsRefused) },
  { title: 'unsettled', cell: ({ beforeSettled }) => String(beforeSettled) },
  { title: 'blind', cell: ({ blind }) => String(blind) },
]

/** Explains rows and columns. */
export function legend(threshold: number, summaries: readonly Summary[]): string {
  const nameWidth = Math.max(...summaries.map(({ name }) => name.length))
  const policies = summaries.map(({ name, title }) => `${name.padEnd(nameWidth)}  ${title}`)
  return `${policies.join('\n')}

over: minutes over ${threshold} % CPU where the work is. saturated: minutes in which a worker had no rest.
relief, p95: minutes from going over to staying under, median and 95th percentile; +: ends over.
node-h: hours of all workers. refused: a deployment ran already. unsettled: growth begun before the
last had settled, workers there and shards spread. blind: begun while the coordinator was silent.

Where the time of each growth of ours went, in minutes. detect: from the rules' threshold to the
notification. decide: until a deployment is accepted that succeeds. provision: until the workers are
there. move: until the shards are spread. relief: from the threshold until CPU stays below it.`
}

/** One load under every policy, one line each, at most 100 characters wide, and the phases of our growths. */
export function printTable({ load, summaries }: Comparison): string {
  const rows = [
    ['', ...columns.map(({ title }) => title)],
    ...summaries.map((summary) => [summary.name, ...columns.map(({ cell }) => cell(summary))]),
  ]
  const growths = summaries.find(({ name }) => name === 'ours')?.growths ?? []
  const times = growths.length === 0 ? [] : ['', ...aligned([timeTitles, ...growths.map(timeCells)])]
  return [`${load.name}: ${load.title}`, ...aligned(rows), ...times].join('\n')
}

const timeTitles = ['growth', 'day', 'detect', 'decide', 'provision', 'move', 'relief']

function timeCells({ from, to, crossedAt, detect, decide, provision, move, relief }: TimeSplit): string[] {
  const minutes = [detect, decide, provision, move, relief].map((spent) => spent?.toFixed(1) ?? '-')
  return [`${from} > ${to}`, (crossedAt / minutesADay).toFixed(1), ...minutes]
}

/** Aligns the first column left, the others right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
}

/** Every claim with its figures, whether it holds or not. */
export const printClaims = (claims: readonly Claim[]): string =>
  claims
    .map(
      ({ text, figures, holds }) => `${holds ? 'holds:        ' : 'does not hold:'} ${text}\n               ${figures}`,
    )
    .join('\n')
