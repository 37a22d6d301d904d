import { parse } from 'csv-parse/sync'
import * as z from 'zod'
import { decimalMarkOf, numberReader, type ReadNumber } from './read-number.ts'
import { readTime } from './read-time.ts'

/** One row of a load file. `seconds` are Unix time; a value may be missing. `isLocal`: the time had no zone and is read as UTC. */
export type LoadRow = { line: number; seconds: number; isLocal: boolean; value: number | undefined }

/**
 * The rows of a load file: time and value, separated by comma, semicolon or tab, or by the character in Excel's line `sep=`, with or without
 * a header and quotes. Throws with the number of the first line that is not such a row.
 */
export function readLoadRows(text: string): LoadRow[] {
  const { delimiter, rest, linesBefore } = separatorOf(text)
  const records = parse(rest, {
    delimiter,
    bom: true,
    trim: true,
    skip_empty_lines: true,
    relax_quotes: true,
    relax_column_count: true,
    info: true,
  })
  const rows = recordsSchema
    .parse(records)
    .map(({ record, info }) => pairOf(record, info.lines + linesBefore, delimiter))
  const readValue = valueReader(rows, delimiter)
  return rows.flatMap(({ line, time, number }, index) => {
    const value = readValue(number)
    const read = readTime(time)
    if (index === 0 && read === undefined && value === undefined) return []
    if (read === undefined)
      throw new Error(
        `line ${line}: ${shown(time)} is no time such as 2026-01-05T08:00:00Z, 2026-01-05 08:00, 05.01.2026 08:00 or 1767600000`,
      )
    if (value === undefined) throw new Error(`line ${line}: ${shown(number)} is no number`)
    if (value !== 'missing' && (value < 0 || value === Infinity))
      throw new Error(`line ${line}: ${shown(number)} can't be a load`)
    return [{ line, ...read, value: value === 'missing' ? undefined : value }]
  })
}

const recordsSchema = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }))

type Pair = { line: number; time: string; number: string }

function pairOf(record: readonly string[], line: number, delimiter: string): Pair {
  const [time = '', number = ''] = record
  if (record.length === 2) return { line, time, number }
  throw new Error(
    `line ${line}: ${record.length} columns where time and value are expected: ${shown(record.join(delimiter))}`,
  )
}

/** Throws when the commas in the numbers may be decimal or thousands separators. */
function valueReader(rows: readonly Pair[], delimiter: string): ReadNumber {
  const mark = decimalMarkOf(
    rows.map(({ number }) => number),
    delimiter,
  )
  if (mark) return numberReader(mark)
  const first = rows.find(({ number }) => /\d,\d/.test(number))
  throw new Error(
    `line ${first?.line}: ${shown(first?.number ?? '')} may be a thousand or a decimal comma, and the other numbers don't tell: export with decimal points`,
  )
}

/** The separator: from a first line `sep=;`, as in Excel, else the one found in the first line that has any outside quotes. */
function separatorOf(text: string): { delimiter: string; rest: string; linesBefore: number } {
  const declared = /^\uFEFF?"?sep=([^\r\n])"?[^\S\t\r\n]*(\r\n|\r|\n)/i.exec(text)
  if (declared) return { delimiter: declared[1] ?? ',', rest: text.slice(declared[0].length), linesBefore: 1 }
  const line = /^.*\S.*$/m.exec(text)?.[0].replace(/"(?:[^"]|"")*"/g, '') ?? ''
  const delimiter = ['\t', ';'].find((separator) => line.includes(separator)) ?? ','
  return { delimiter, rest: text, linesBefore: 0 }
}

const shown = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
