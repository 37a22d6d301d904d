import type { Load } from './load.ts'
import { readLoadRows, type LoadRow } from './read-load-rows.ts'
import { quantile } from './summarize-run.ts'

/** A load from a user's file, and what was repaired in it. */
export type ReadLoad = { load: Load; repairs: string[] }

/** The longest gap that is filled in, in minutes. */
const longestGap = 60

type Measured = LoadRow & { value: number }

/**
 * Reads a load from the text of a CSV file: a time and a value in each row. It repairs, and reports in `repairs`: rows out of order are
 * sorted, gaps of up to an hour are filled in with a straight line, and several rows in a minute become their mean. Any other mistake
 * is an error that names the line.
 * @param file the name of the file
 * @param unit the value that keeps one worker busy: 100 for percent of one worker, else queries per second
 */
export function readLoad(text: string, file: string, unit: number): ReadLoad {
  const rows = readLoadRows(text)
  const measured = rows.filter((row): row is Measured => row.value !== undefined)
  checkRepeatedHour(measured)
  const sorted = [...measured].sort((a, b) => a.seconds - b.seconds)
  sorted.forEach((row, index) => checkAfter(sorted[index - 1], row))
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last || last.seconds - first.seconds < 60)
    throw new Error(`a load has to span a minute at least: there are ${sorted.length} usable rows in it`)
  const byMinute = meanOfEachMinute(sorted, first.seconds)
  const minutes = Float64Array.from(perMinute(byMinute, first, last), (value) => (value / unit) * 100)
  const repairs = repairsOf(rows, { measured, sorted, byMinute, first, last })
  // The name seeds the random numbers, so it must not depend on the file's name.
  return { load: { name: 'file', title: `${file}, ${Math.round(minutes.length / 60)} hours`, minutes }, repairs }
}

type Stages = {
  measured: readonly Measured[]
  sorted: readonly Measured[]
  byMinute: readonly Measured[]
  first: Measured
  last: Measured
}

function repairsOf(rows: readonly LoadRow[], { measured, sorted, byMinute, first, last }: Stages): string[] {
  const missing = rows.filter(({ value }) => value === undefined)
  const inside = missing.filter(({ seconds }) => seconds > first.seconds && seconds < last.seconds).length
  const outside = missing.length - inside
  const steps = sorted.slice(1).map(({ seconds }, index) => seconds - (sorted[index]?.seconds ?? 0))
  const usual = quantile(steps, 0.5)
  const gaps = steps.filter((step) => step > 1.5 * usual).length
  return [
    ...(inside > 0 ? [`${count(inside, 'row')} without a value: filled in between their neighbours`] : []),
    ...(outside > 0 ? [`${count(outside, 'row')} without a value at the start or end: left out`] : []),
    ...(gaps > 0
      ? [
          `${count(gaps, 'gap')} of up to ${duration(steps.reduce((most, step) => Math.max(most, step), 0))}: filled in with a straight line`,
        ]
      : []),
    ...(byMinute.length < sorted.length ? ['several rows in a minute: the mean counts'] : []),
    ...(sorted.some((row, index) => row !== measured[index]) ? ['rows out of order: sorted by time'] : []),
  ]
}

const count = (number: number, noun: string) => `${number} ${number === 1 ? noun : `${noun}s`}`
const duration = (seconds: number) => (seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`)

const exportInUtc = 'local times? export in UTC'

function checkAfter(before: Measured | undefined, row: Measured) {
  if (!before) return
  const gap = (row.seconds - before.seconds) / 60
  if (gap === 0)
    throw new Error(
      `line ${row.line}: the same time as line ${before.line}: ${row.isLocal ? exportInUtc : 'keep one of them'}`,
    )
  if (gap > longestGap)
    throw new Error(
      `line ${row.line}: no value for ${Math.round(gap)} minutes before it, since line ${before.line}; at most ${longestGap} are filled in: ` +
        (row.isLocal && gap <= 2 * longestGap
          ? exportInUtc
          : 'export in finer steps, or replay the part before and the part after by themselves'),
    )
}

/** Throws for rows in order except for one step back of about an hour: the repeated hour when clocks go back. Sorting would mix the two hours. */
function checkRepeatedHour(rows: readonly Measured[]) {
  const back = rows.flatMap((row, index) => {
    const before = rows[index - 1]
    return before && row.seconds < before.seconds ? [{ row, before }] : []
  })
  const [only] = back
  if (!only || back.length > 1 || !only.row.isLocal) return
  const minutes = (only.before.seconds - only.row.seconds) / 60
  if (minutes > 30 && minutes < 60)
    throw new Error(
      `line ${only.row.line}: ${Math.round(minutes)} minutes before line ${only.before.line}: ${exportInUtc}`,
    )
}

/** Several rows within a minute, counted from the first row, become one at its start. */
function meanOfEachMinute(sorted: readonly Measured[], start: number): Measured[] {
  const minutes = Map.groupBy(sorted, ({ seconds }) => Math.floor((seconds - start) / 60))
  return [...minutes].flatMap(([minute, rows]) => {
    const [first] = rows
    if (!first || rows.length === 1) return rows
    const value = rows.reduce((sum, row) => sum + row.value, 0) / rows.length
    return [{ ...first, seconds: start + minute * 60, value }]
  })
}

/** The value at each minute, by linear interpolation. */
function* perMinute(rows: readonly Measured[], first: Measured, last: Measured): Generator<number> {
  let index = 0
  for (let at = first.seconds; at < last.seconds; at += 60) {
    while ((rows[index + 1]?.seconds ?? Infinity) <= at) index++
    const [from = first, to] = [rows[index], rows[index + 1]]
    yield to ? from.value + ((at - from.seconds) / (to.seconds - from.seconds)) * (to.value - from.value) : from.value
  }
}
