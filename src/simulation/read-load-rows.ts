/** One usable row of a load file; `seconds` are Unix time. */
export type LoadRow = { line: number; seconds: number; value: number }

/**
 * The rows of a load file: time and value, separated by comma, semicolon or tab, with or without a header and quotes. With a semicolon
 * or tab, 12,5 is twelve and a half. Throws with the number of the first line that is no such row.
 */
export function readLoadRows(text: string): { rows: LoadRow[]; withoutValue: number } {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((content, index) => ({ content: content.trim(), line: index + 1 }))
    .filter(({ content }) => content !== '')
  const separator = separatorOf(lines[0]?.content ?? '')
  const rows: LoadRow[] = []
  let withoutValue = 0
  lines.forEach(({ content, line }, index) => {
    const fields = content.split(separator).map((field) =>
      field
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim(),
    )
    const [time = '', number = ''] = fields
    if (fields.length !== 2)
      throw new Error(`line ${line}: ${fields.length} columns where time and value are expected: ${shown(content)}`)
    const value = readValue(separator === ',' ? number : number.replace(',', '.'))
    const seconds = readTime(time)
    if (index === 0 && seconds === undefined && value === undefined) return
    if (seconds === undefined)
      throw new Error(`line ${line}: ${shown(time)} is no time such as 2026-01-05T08:00:00Z or 1767600000`)
    if (value === undefined) throw new Error(`line ${line}: ${shown(number)} is no number`)
    if (value === 'missing') withoutValue++
    else if (value < 0 || value === Infinity) throw new Error(`line ${line}: ${shown(number)} can't be a load`)
    else rows.push({ line, seconds, value })
  })
  return { rows, withoutValue }
}

function separatorOf(line: string): '\t' | ';' | ',' {
  if (line.includes('\t')) return '\t'
  return line.includes(';') ? ';' : ','
}

/** Undefined when it is neither a number nor one of the usual ways to say that there is none. */
function readValue(text: string): number | 'missing' | undefined {
  if (/^(|nan|null|none|na|n\/a|-)$/i.test(text)) return 'missing'
  const value = Number(text)
  return Number.isNaN(value) ? undefined : value
}

/** Milliseconds of Unix time have been above this since 1973, seconds will be in 5138. */
const leastMilliseconds = 1e11

function readTime(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) < leastMilliseconds ? Number(text) : Number(text) / 1000
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(text)
  if (!found) return undefined
  const [, day = '', time = '00:00', zone = 'Z'] = found
  const milliseconds = Date.parse(`${day}T${time}${zone}`)
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000
}

const shown = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
