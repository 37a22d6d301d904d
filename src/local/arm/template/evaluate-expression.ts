import { isObject, typeName, type Json } from './json.ts'
import type { Expression } from './parse-expression.ts'
import { invalid } from './template-error.ts'
import { union } from './union.ts'

/** The values of a template's parameters. Names are in lower case: Azure ignores their case. */
export type Parameters = ReadonlyMap<string, Json>

/** A function of the template language. `given` has its arguments, each evaluated only when it is read. */
type TemplateFunction = { arity: readonly [least: number, most: number]; call: (given: Given) => Json }
type Given = { length: number; value: (index: number) => Json; parameters: Parameters }

const all = ({ length, value }: Given): Json[] => Array.from({ length }, (_, index) => value(index))

// The functions that the templates in infra/ use.
const functions = new Map(
  Object.entries<TemplateFunction>({
    createobject: { arity: [0, Infinity], call: (given) => createObject(all(given)) },
    empty: { arity: [1, 1], call: ({ value }) => isEmpty(value(0)) },
    if: { arity: [3, 3], call: ({ value }) => (truth(value(0)) ? value(1) : value(2)) },
    null: { arity: [0, 0], call: () => null },
    parameters: { arity: [1, 1], call: ({ value, parameters }) => parameter(value(0), parameters) },
    union: { arity: [2, Infinity], call: (given) => all(given).reduce(union) },
  }),
)

/** The value of an expression. Throws a TemplateError with the message of Azure's engine. */
export function evaluateExpression(expression: Expression, parameters: Parameters): Json {
  if (expression.kind === 'text') return expression.text
  const { name, arguments: parts } = expression
  const known = functions.get(name.toLowerCase())
  if (known === undefined)
    return invalid(
      `The template function '${name}' is not valid. This emulator knows those that the shipped templates use: ${[...functions.keys()].join(', ')}.`,
    )
  checkArity(name, known, parts.length)
  const value = (index: number): Json => {
    const part = parts[index]
    return part === undefined ? null : evaluateExpression(part, parameters)
  }
  return known.call({ length: parts.length, value, parameters })
}

function checkArity(name: string, { arity: [least, most] }: TemplateFunction, given: number): void {
  if (given >= least && given <= most) return
  const wanted = least === most ? String(least) : `at least ${least}`
  invalid(
    `Unable to evaluate template language function '${name}': function requires ${wanted} argument(s) while ${given} were provided.`,
  )
}

function parameter(name: Json, parameters: Parameters): Json {
  const text = typeof name === 'string' ? name : JSON.stringify(name)
  return (
    parameters.get(text.toLowerCase()) ??
    invalid(
      `The template parameter '${text}' is not found. Please see https://aka.ms/arm-syntax-parameters for usage details.`,
    )
  )
}

function createObject(values: Json[]): Json {
  if (values.length % 2 !== 0) {
    invalid(
      `The template language function 'createObject' expects an even number of parameters, not '${values.length}'.`,
    )
  }
  const keys = values.filter((_, index) => index % 2 === 0)
  const entries = keys.map((key, index) => [keyOf(key), values[index * 2 + 1] ?? null] as const)
  if (new Set(keys).size < keys.length)
    invalid(`The template language function 'createObject' expects all property names to be unique.`)
  return Object.fromEntries(entries)
}

const keyOf = (key: Json): string => (typeof key === 'string' ? key : expected('createObject', 'String', key))

function isEmpty(value: Json): boolean {
  if (value === null) return true
  if (typeof value === 'string' || Array.isArray(value)) return value.length === 0
  return isObject(value) ? Object.keys(value).length === 0 : expected('empty', 'Array, Object, String', value)
}

const truth = (value: Json): boolean => (typeof value === 'boolean' ? value : expected('if', 'Boolean', value))

function expected(name: string, types: string, value: Json): never {
  return invalid(
    `The template language function '${name}' expects its parameter to be of type '${types}'. The provided value is of type '${typeName(value)}'.`,
  )
}
