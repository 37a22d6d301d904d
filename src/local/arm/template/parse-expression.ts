import { invalid } from './template-error.ts'

/** A template expression, such as `union(parameters('a'), createObject('b', null()))`: texts and calls of functions. */
export type Expression = { kind: 'text'; text: string } | { kind: 'call'; name: string; arguments: Expression[] }

// Text in single quotes (a quote in it is doubled), names and signs.
const tokenPattern = /\s*(?:(?<text>'(?:[^']|'')*')|(?<name>[A-Za-z_]\w*)|(?<sign>[(),]))\s*/y

/**
 * Parses the text between the brackets of an expression. Throws a TemplateError that names what was expected; numbers, properties and
 * array elements are not supported.
 */
export function parseExpression(source: string): Expression {
  let at = 0
  const next = (): Record<string, string | undefined> => {
    tokenPattern.lastIndex = at
    return tokenPattern.exec(source)?.groups ?? {}
  }
  const advance = (): void => void (at = tokenPattern.lastIndex)
  const take = (sign: string): boolean => {
    if (next().sign !== sign) return false
    advance()
    return true
  }
  const refuse = (expected: string): never =>
    invalid(
      `Unable to parse language expression '${source}': expected token '${expected}' at position '${at}'. This emulator knows texts and calls of functions only.`,
    )

  function expression(): Expression {
    const { text, name } = next()
    if (text === undefined && name === undefined) refuse('Identifier')
    advance()
    if (text !== undefined) return { kind: 'text', text: text.slice(1, -1).replaceAll("''", "'") }
    if (!take('(')) refuse('(')
    return { kind: 'call', name: name ?? '', arguments: list() }
  }

  function list(): Expression[] {
    const parsed: Expression[] = []
    if (take(')')) return parsed
    do parsed.push(expression())
    while (take(','))
    if (!take(')')) refuse(')')
    return parsed
  }

  const parsed = expression()
  return at === source.length ? parsed : refuse('EndOfData')
}
