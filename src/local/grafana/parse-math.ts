/** A math expression of Grafana, such as `abs($change) > 0`. */
export type MathNode =
  | { kind: 'constant'; value: number }
  | { kind: 'reference'; refId: string }
  | { kind: 'unary'; operator: string; operand: MathNode }
  | { kind: 'binary'; operator: string; left: MathNode; right: MathNode }
  | { kind: 'call'; name: string; argument: MathNode }

/** From the weakest to the strongest; operators of one level bind from the left (grafana, pkg/expr/mathexp/parse). */
const levels = [['||'], ['&&'], ['==', '!=', '>', '>=', '<', '<='], ['+', '-'], ['*', '/', '%'], ['**']]
const token = /\s*(\*\*|&&|\|\||[=!<>]=|[-+*/%<>!()]|\$\{\w+\}|\$\w+|\d+(?:\.\d+)?(?:e[-+]?\d+)?|[a-z_]+)/iy

/** Throws an error with the expression and the position of the syntax error. */
export function parseMath(text: string): MathNode {
  const tokens = tokenize(text)
  let place = 0
  const fail = (): never => {
    throw new Error(`math expression "${text}" cannot be read at "${tokens.slice(place).join(' ')}"`)
  }
  const take = (expected?: string): string => {
    const next = tokens[place]
    if (next === undefined || (expected !== undefined && next !== expected)) return fail()
    place++
    return next
  }

  const binary = (level: number): MathNode => {
    const operators = levels[level]
    if (!operators) return factor()
    let left = binary(level + 1)
    while (operators.includes(tokens[place] ?? ''))
      left = { kind: 'binary', operator: take(), left, right: binary(level + 1) }
    return left
  }

  const factor = (): MathNode => {
    const next = take()
    if (next === '-' || next === '!') return { kind: 'unary', operator: next, operand: factor() }
    if (next === '(') return closed()
    if (next.startsWith('$')) return { kind: 'reference', refId: next.replace(/[${}]/g, '') }
    if (/^\d/.test(next)) return { kind: 'constant', value: Number(next) }
    if (!/^\w/.test(next)) place--
    take('(')
    return { kind: 'call', name: next, argument: closed() }
  }

  const closed = (): MathNode => {
    const inner = binary(0)
    take(')')
    return inner
  }

  const root = binary(0)
  return place === tokens.length ? root : fail()
}

function tokenize(text: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.trimEnd().length) {
    const from = token.lastIndex
    const found = token.exec(text)?.[1]
    if (found === undefined) throw new Error(`math expression "${text}" cannot be read at "${text.slice(from).trim()}"`)
    tokens.push(found)
  }
  return tokens
}
