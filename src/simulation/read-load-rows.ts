import { parse } from 'csv-parse/sync'
import * as z from 'zod'

/** One row of a load file; `seconds` are Unix time, a value may be missing. */
export type LoadRow = { line: number; seconds: number; value: number | undefined }

/**
 * The rows of a load file: time and value, separated by comma, semicolon or tab, with or without a header and quotes. With a semicolon
 * or tab, 12,5 is twelve and a half. Throws with the number of the first line that is no such row.
 */
export function readLoadRows(text: string): LoadRow[] {
  const delimiter = separatorOf(text)
  const records = parse(text, {
    delimiter,
    bom: true,
    trim: true,
    skip_empty_lines: true,
    relax_quotes: true,
    relax_column_count: true,
    info: true,
  })
  return recordsSchema.parse(records).flatMap(({ record, info: { lines: line } }, index) => {
    const [time = '', number = ''] = record
    if (record.length !== 2)
      throw new Error(
        `line ${line}: ${record.length} columns where time and value are expected: ${shown(record.join(delimiter))}`,
      )
    const value = readValue(delimiter === ',' ? number : number.replace(',', '.'))
    const seconds = readTime(time)
    if (index === 0 && seconds === undefined && value === undefined) return []
    if (seconds === undefined)
      throw new Error(`line ${line}: ${shown(time)} is no time such as 2026-01-05T08:00:00Z or 1767600000`)
    if (value === undefined) throw new Error(`line ${line}: ${shown(number)} is no number`)
    if (value !== 'missing' && (value < 0 || value === Infinity))
      throw new Error(`line ${line}: ${shown(number)} can't be a load`)
    return [{ line, seconds, value: value === 'missing' ? undefined : value }]
  })
}

const recordsSchema = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }))

/** What stands between the columns of the first line that has any, quotes aside. */
function separatorOf(text: string): '\t' | ';' | ',' {
  const line = /^.*\S.*$/m.exec(text)?.[0].replace(/"(?:[^"]|"")*"/g, '') ?? ''
  if (line.includes('\t')) return '\t'
  return line.includes(';') ? ';' : ','
}

/** Undefined when it is neither a number nor one of the usual ways to say that there is none. */
function readValue(text: string): number | 'missing' | undefined {
  if (/^(|nan|null|none|na|n\/a|-)$/i.test(text)) return 'missing'
  if (/^[-+]?inf(inity)?$/i.test(text)) return Infinity
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined
}

/** Milliseconds of Unix time have been above this since 1973, seconds will be in 5138. */
const leastMilliseconds = 1e11

function readTime(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) < leastMilliseconds ? Number(text) : Number(text) / 1000
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?\s*(?:Z|([+-]\d\d)(?::?(\d\d))?)?$/.exec(
    text,
  )
  if (!found) return undefined
  const [, day = '', time = '00:00', hours = '+00', minutes = '00'] = found
  const milliseconds = Date.parse(`${day}T${time}${hours}:${minutes}`)
  // Date.parse takes the 30th of February for the 2nd of March.
  return Number.isNaN(milliseconds) || !z.iso.date().safeParse(day).success ? undefined : milliseconds / 1000
}

const shown = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
