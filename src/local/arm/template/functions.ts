import { isDeepStrictEqual } from 'node:util'
import { formatText, scalarText } from './format-text.ts'
import { isObject, keyIn, parseJson, typeName, type Json } from './json.ts'
import { invalid } from './template-error.ts'
import { union } from './union.ts'

/** A function of the template language: how many arguments it takes, and its result for their values. */
export type TemplateFunction = { arity: readonly [least: number, most: number]; call: (values: Json[]) => Json }

const many = Number.POSITIVE_INFINITY

const define = (arity: TemplateFunction['arity'], call: TemplateFunction['call']): TemplateFunction => ({ arity, call })

/** The functions that work on nothing but their arguments, by lower-case name. */
export const functions: ReadonlyMap<string, TemplateFunction> = new Map([
  ['true', define([0, 0], () => true)],
  ['false', define([0, 0], () => false)],
  ['null', define([0, 0], () => null)],
  ['json', define([1, 1], ([text]) => fromJson(string('json', text)))],
  ['createarray', define([0, many], (values) => values)],
  ['createobject', define([0, many], createObject)],
  ['union', define([2, many], ([first, ...others]) => others.reduce(union, container('union', first)))],
  ['empty', define([1, 1], ([value]) => value === null || size('empty', value) === 0)],
  ['length', define([1, 1], ([value]) => size('length', value))],
  ['contains', define([2, 2], contains)],
  ['equals', define([2, 2], ([a, b]) => isDeepStrictEqual(a, b))],
  ['not', define([1, 1], ([value]) => (typeof value === 'boolean' ? !value : expected('not', 'Boolean', value)))],
  ['int', define([1, 1], ([value]) => (typeof value === 'string' ? parseInteger(value) : integer('int', value)))],
  ['bool', define([1, 1], ([value]) => parseBoolean(value))],
  [
    'string',
    define([1, 1], ([value]) => (isScalar(value) ? scalarText(value) : JSON.stringify(container('string', value)))),
  ],
  ['concat', define([0, many], concat)],
  ['join', define([2, 2], ([list, between]) => array('join', list).map(scalarText).join(string('join', between)))],
  ['format', define([1, many], ([pattern, ...values]) => formatText(string('format', pattern), values))],
  ['tolower', define([1, 1], ([text]) => string('toLower', text).toLowerCase())],
  ['take', define([2, 2], ([from, count]) => sequence('take', from).slice(0, Math.max(0, integer('take', count))))],
  ['substring', define([2, 3], substring)],
])

function expected(name: string, types: string, value: Json | undefined): never {
  const given = typeName(value ?? null)
  return invalid(
    `The template language function '${name}' expects its parameter to be of type '${types}'. The provided value is of type '${given}'.`,
  )
}

const isScalar = (value: Json | undefined): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'boolean' || Number.isInteger(value)

const string = (name: string, value: Json | undefined): string =>
  typeof value === 'string' ? value : expected(name, 'String', value)

const integer = (name: string, value: Json | undefined): number =>
  typeof value === 'number' && Number.isInteger(value) ? value : expected(name, 'Integer', value)

const array = (name: string, value: Json | undefined): Json[] =>
  Array.isArray(value) ? value : expected(name, 'Array', value)

const sequence = (name: string, value: Json | undefined): string | Json[] =>
  typeof value === 'string' || Array.isArray(value) ? value : expected(name, 'Array, String', value)

const container = (name: string, value: Json | undefined): Json =>
  Array.isArray(value) || isObject(value) ? value : expected(name, 'Array, Object', value)

const size = (name: string, value: Json | undefined): number =>
  isObject(value) ? Object.keys(value).length : sequence(name, value).length

function createObject(values: Json[]): Json {
  if (values.length % 2 !== 0) {
    invalid(
      `The template language function 'createObject' expects an even number of parameters, not '${values.length}'.`,
    )
  }
  const keys = values.filter((_, index) => index % 2 === 0).map((key) => string('createObject', key))
  if (new Set(keys).size < keys.length) {
    invalid(`The template language function 'createObject' expects all property names to be unique.`)
  }
  return Object.fromEntries(keys.map((key, index) => [key, values[index * 2 + 1] ?? null]))
}

function contains([within, value]: Json[]): Json {
  if (Array.isArray(within)) return within.some((item) => isDeepStrictEqual(item, value))
  if (typeof value === 'string' && typeof within === 'string') return within.includes(value)
  if (typeof value === 'string' && isObject(within)) return keyIn(within, value) !== undefined
  const types = `'${typeName(within ?? null)}' and '${typeName(value ?? null)}'`
  return invalid(`The template function 'contains' can't look into the provided types ${types}: they are incompatible.`)
}

function concat(values: Json[]): Json {
  if (values.length > 0 && values.every((value) => Array.isArray(value))) return values.flat(1)
  if (values.every(isScalar)) return values.map(scalarText).join('')
  return invalid(
    `The provided parameters for language function 'concat' are invalid. Either all or none of the parameters must be an array.`,
  )
}

function substring([text, start, count]: Json[]): Json {
  const whole = string('substring', text)
  const from = integer('substring', start)
  const to = count === undefined ? whole.length : from + integer('substring', count)
  if (from < 0 || to < from || to > whole.length) {
    invalid(`The template language function 'substring' must refer to a location within the string.`)
  }
  return whole.slice(from, to)
}

function parseInteger(text: string): number {
  const number = /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(number)) return number
  return invalid(`The template language function 'int' cannot convert provided value '${text}' to integer value.`)
}

function parseBoolean(value: Json | undefined): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  return invalid(`The template language function 'bool' was invoked with a parameter that is not valid.`)
}

function fromJson(text: string): Json {
  const value = parseJson(text)
  return value === undefined ? invalid(`The argument of function 'json' is not a valid JSON string.`) : value
}
