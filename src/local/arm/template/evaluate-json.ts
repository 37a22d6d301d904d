import { evaluateExpression } from './evaluate-expression.ts'
import { isObject, type Json } from './json.ts'
import { parseExpression } from './parse-expression.ts'
import type { Scope } from './scope.ts'
import { invalid } from './template-error.ts'

/** A part of a template with its expressions, which may stand in keys too, replaced by their values. */
export function evaluateJson(value: Json, scope: Scope): Json {
  if (typeof value === 'string') return evaluateText(value, scope)
  if (Array.isArray(value)) return value.map((item) => evaluateJson(item, scope))
  if (!isObject(value)) return value
  if ('copy' in value) return invalid(`This emulator evaluates 'copy' on resources only.`)
  const members = Object.entries(value).map(([key, item]): [string, Json] => [
    evaluateName(key, scope),
    evaluateJson(item, scope),
  ])
  return Object.fromEntries(members)
}

/** The value of an expression, or a plain text, that must be a non-empty text: a name, an id or a key. */
export function evaluateName(text: string, scope: Scope): string {
  const name = evaluateText(text, scope)
  return typeof name === 'string' && name !== '' ? name : invalid(`'${text}' is no name: it cannot be null or empty.`)
}

// A text in brackets is an expression; a doubled first bracket stands for a plain one.
function evaluateText(text: string, scope: Scope): Json {
  if (!text.startsWith('[') || !text.endsWith(']')) return text
  if (text.startsWith('[[')) return text.slice(1)
  return evaluateExpression(parseExpression(text.slice(1, -1)), scope)
}
