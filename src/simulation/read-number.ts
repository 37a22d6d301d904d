/** Undefined when a text is neither a number nor a usual placeholder for a missing one. */
export type ReadNumber = (text: string) => number | 'missing' | undefined

export type DecimalMark = '.' | ','

/**
 * The decimal mark of a file, `.` or `,`, from all its numbers: 1.234,5 and 12,5 are clear, 1,234 alone is not. Semicolons between columns
 * mean decimal commas.
 * @returns undefined when it is ambiguous
 */
export function decimalMarkOf(texts: readonly string[], separator: string): DecimalMark | undefined {
  const plain = texts.map(withoutDecoration).filter((text) => /^[-+]?[\d.,]+$/.test(text))
  const withComma = plain.filter((text) => text.includes(','))
  if (withComma.length === 0) return '.'
  const telling = withComma.flatMap((text) => {
    if (text.includes('.')) return text.lastIndexOf(',') > text.lastIndexOf('.') ? [','] : ['.']
    if (/,\d*,/.test(text)) return ['.']
    return /^[-+]?[1-9]\d{0,2},\d{3}$/.test(text) ? [] : [',']
  })
  if (telling.includes('.')) return telling.includes(',') ? undefined : '.'
  if (telling.includes(',') || separator === ';') return ','
  // 1,234 beside 12.5: the comma separates thousands.
  return plain.some((text) => text.includes('.')) ? '.' : undefined
}

/** Reads 12.5, 1e3, 45.2 %, 1,234.5 and 1 234.5; with a decimal comma 12,5 and 1.234,5. */
export const numberReader =
  (mark: DecimalMark): ReadNumber =>
  (text) => {
    if (/^(|nan|null|none|na|n\/a|-)$/i.test(text)) return 'missing'
    if (/^[-+]?inf(inity)?$/i.test(text)) return Infinity
    const plain = withoutDecoration(text)
    const thousands = mark === '.' ? ',' : '.'
    const grouped = new RegExp(`^[-+]?\\d{1,3}(\\${thousands}\\d{3})+(?!\\d)`).test(plain)
    const number = (grouped ? plain.replaceAll(thousands, '') : plain).replace(mark, '.')
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(number) && !isMixed(plain, mark) ? Number(number) : undefined
  }

/** A point in a file with decimal commas that is not followed by three digits is a mistake. */
const isMixed = (plain: string, mark: DecimalMark): boolean => mark === ',' && /\.(?!\d{3}(\D|$))/.test(plain)

/** Without a percent sign, and without spaces and apostrophes between thousands. */
const withoutDecoration = (text: string): string =>
  text.replace(/\s*%$/, '').replace(/(?<=\d)[\s\u00a0\u202f'’](?=\d{3}(\D|$))/g, '')
