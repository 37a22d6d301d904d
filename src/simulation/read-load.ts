import type { Load } from './load.ts'
import { readLoadRows, type LoadRow } from './read-load-rows.ts'

/** A load of the user's own, and what was mended in the file to get it. */
export type ReadLoad = { load: Load; repairs: string[] }

/** The longest stretch without a value that is filled in, in minutes. */
export const longestGap = 60

/**
 * Reads a load from the text of a CSV file: a time and a value in each row. What is mended is told: rows out of order are sorted, and
 * gaps of up to an hour are filled in with a straight line. Everything else that is wrong is an error which names the line.
 * @param unit how much of the value keeps one worker busy: 100 for percent-workers, else queries per second of one worker
 */
export function readLoad(text: string, name: string, unit: number): ReadLoad {
  const { rows, withoutValue } = readLoadRows(text)
  const sorted = [...rows].sort((a, b) => a.seconds - b.seconds)
  const isSorted = sorted.every((row, index) => row === rows[index])
  sorted.forEach((row, index) => checkAfter(sorted[index - 1], row))
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last || last.seconds - first.seconds < 60)
    throw new Error(`a load has to span a minute at least: there are ${sorted.length} usable rows in it`)
  const minutes = Float64Array.from(perMinute(sorted, first, last), (value) => (value / unit) * 100)
  const repairs = [
    ...(withoutValue > 0 ? [`${rowCount(withoutValue)} without a value: filled in between their neighbours`] : []),
    ...(isSorted ? [] : ['rows out of order: sorted by time']),
  ]
  return { load: { name, title: `${name}, ${Math.round(minutes.length / 60)} hours`, minutes }, repairs }
}

const rowCount = (count: number) => (count === 1 ? '1 row' : `${count} rows`)

function checkAfter(before: LoadRow | undefined, row: LoadRow) {
  if (!before) return
  const gap = (row.seconds - before.seconds) / 60
  if (gap === 0) throw new Error(`line ${row.line}: the same time as line ${before.line}: keep one of them`)
  if (gap > longestGap)
    throw new Error(
      `line ${row.line}: no value for ${Math.round(gap)} minutes before it, since line ${before.line}; at most ${longestGap} are filled in: ` +
        'export in finer steps, or replay the part before and the part after by themselves',
    )
}

/** A straight line from row to row. */
function* perMinute(rows: readonly LoadRow[], first: LoadRow, last: LoadRow): Generator<number> {
  let index = 0
  for (let at = first.seconds; at < last.seconds; at += 60) {
    while ((rows[index + 1]?.seconds ?? Infinity) <= at) index++
    const [from = first, to = last] = [rows[index], rows[index + 1]]
    const share = (at - from.seconds) / (to.seconds - from.seconds)
    yield from.value + share * (to.value - from.value)
  }
}
