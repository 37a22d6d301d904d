import { invalid } from './template-error.ts'

/** A template expression, such as `union(parameters('a').b, createObject('c', 1))`. */
export type Expression =
  | { kind: 'literal'; value: string | number }
  | { kind: 'call'; name: string; arguments: Expression[] }
  | { kind: 'member'; of: Expression; key: Expression }

type Token = { kind: 'text' | 'integer' | 'name' | 'sign' | 'end'; text: string }

// Text in single quotes (a quote in it is doubled), integers, names, signs. `true` and `null` are functions, not literals.
const tokenPattern =
  /\s*(?:(?<text>'(?:[^']|'')*')|(?<integer>-?\d+(?![\d.]))|(?<name>[A-Za-z_]\w*)|(?<sign>[()[\].,]))/y

function tokens(source: string): Token[] {
  const found: Token[] = []
  tokenPattern.lastIndex = 0
  while (source.slice(tokenPattern.lastIndex).trim() !== '') {
    const start = tokenPattern.lastIndex
    const { text, integer, name, sign } = tokenPattern.exec(source)?.groups ?? {}
    if (text !== undefined) found.push({ kind: 'text', text: text.slice(1, -1).replaceAll("''", "'") })
    else if (integer !== undefined) found.push({ kind: 'integer', text: integer })
    else if (name !== undefined) found.push({ kind: 'name', text: name })
    else if (sign !== undefined) found.push({ kind: 'sign', text: sign })
    else invalid(`The language expression '${source}' is not valid at position '${start}'.`)
  }
  return found
}

/** What stands between the brackets of an expression, parsed. Throws a TemplateError that names what was expected. */
export function parseExpression(source: string): Expression {
  const rest = tokens(source)
  const next = (): Token => rest[0] ?? { kind: 'end', text: 'the end' }
  const take = (text: string): boolean => {
    if (next().kind !== 'sign' || next().text !== text) return false
    rest.shift()
    return true
  }
  const expect = (text: string): void => {
    if (!take(text)) refuse(`'${text}'`)
  }
  const refuse = (expected: string): never =>
    invalid(`Unable to parse language expression '${source}': expected token ${expected} and actual '${next().text}'.`)

  function expression(): Expression {
    let parsed = primary()
    for (;;) {
      if (take('.')) {
        if (next().kind !== 'name') refuse("'Identifier'")
        parsed = { kind: 'member', of: parsed, key: { kind: 'literal', value: name() } }
      } else if (take('[')) {
        parsed = { kind: 'member', of: parsed, key: expression() }
        expect(']')
      } else return parsed
    }
  }

  function primary(): Expression {
    const token = next()
    if (token.kind !== 'text' && token.kind !== 'integer' && token.kind !== 'name') refuse("'Identifier'")
    rest.shift()
    if (token.kind === 'text') return { kind: 'literal', value: token.text }
    if (token.kind === 'integer') return { kind: 'literal', value: Number(token.text) }
    expect('(')
    return { kind: 'call', name: token.text, arguments: list() }
  }

  function list(): Expression[] {
    const parsed: Expression[] = []
    if (take(')')) return parsed
    do parsed.push(expression())
    while (take(','))
    expect(')')
    return parsed
  }

  const name = (): string => rest.shift()?.text ?? ''
  const parsed = expression()
  if (next().kind !== 'end') refuse("'EndOfData'")
  return parsed
}
