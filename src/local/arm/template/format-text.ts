import { typeName, type Json } from './json.ts'
import { invalid } from './template-error.ts'

/** How Azure writes a string, an integer or a boolean into a text: it is .NET, so `true` becomes `True`. */
export function scalarText(value: Json): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return String(value)
  return invalid(`A value of type '${typeName(value)}' can't become part of a text here.`)
}

/** Azure's `format`, for plain items such as `{0}`: this emulator knows no widths and no number formats. */
export function formatText(pattern: string, values: Json[]): string {
  return pattern.replaceAll(/\{\{|\}\}|\{(\d+)\}|[{}]/g, (item, position?: string) => {
    if (item === '{{' || item === '}}') return item.slice(1)
    const value = position === undefined ? undefined : values[Number(position)]
    if (value === undefined)
      return invalid(`Unable to evaluate language function 'format': the format is invalid: '${pattern}'.`)
    return value === null ? '' : scalarText(value)
  })
}
