/** Undefined when a text is neither a number nor one of the usual ways to say that there is none. */
export type ReadNumber = (text: string) => number | 'missing' | undefined

export type DecimalMark = '.' | ','

/**
 * Which of `.` and `,` the numbers of a file have before their decimals, by all of them together: 1.234,5 and 12,5 say it, 1,234 alone does
 * not. Semicolons between columns speak for decimal commas, which is why they are there.
 * @returns undefined where nothing tells
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
  // 1,234 beside 12.5: its comma is no decimal one.
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

/** A point in a file of decimal commas, that stands before three digits or it is a slip. */
const isMixed = (plain: string, mark: DecimalMark): boolean => mark === ',' && /\.(?!\d{3}(\D|$))/.test(plain)

/** Without a per cent sign, and without the spaces and apostrophes that some put between thousands. */
const withoutDecoration = (text: string): string =>
  text.replace(/\s*%$/, '').replace(/(?<=\d)[\s\u00a0\u202f'’](?=\d{3}(\D|$))/g, '')
