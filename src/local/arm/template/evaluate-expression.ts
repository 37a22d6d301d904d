import type { Expression } from './parse-expression.ts'
import { functions, type TemplateFunction } from './functions.ts'
import { isObject, keyIn, type Json } from './json.ts'
import { scopeFunctions, type Scope } from './scope.ts'
import { invalid } from './template-error.ts'

type Argument = () => Json

/** The value of an expression. Throws a TemplateError with the sentence that Azure's engine would say. */
export function evaluateExpression(expression: Expression, scope: Scope): Json {
  const evaluate = (part: Expression): Json => evaluateExpression(part, scope)
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'member':
      return memberOf(evaluate(expression.of), evaluate(expression.key))
    case 'call': {
      const given = expression.arguments.map((argument) => () => evaluate(argument))
      return call(expression.name, given, scope)
    }
  }
}

function call(name: string, given: Argument[], scope: Scope): Json {
  const choose = choices.get(name.toLowerCase())
  if (choose !== undefined) return choose(given)
  const known = functions.get(name.toLowerCase()) ?? scopeFunctions(scope).get(name.toLowerCase())
  if (known === undefined)
    return invalid(
      `The template function '${name}' is not valid. Please see https://aka.ms/arm-functions for usage details.`,
    )
  checkArity(name, known, given.length)
  return known.call(given.map((argument) => argument()))
}

function checkArity(name: string, { arity: [least, most] }: TemplateFunction, given: number): void {
  if (given >= least && given <= most) return
  const wanted = least === most ? String(least) : `at least ${least}`
  invalid(
    `Unable to evaluate template language function '${name}': function requires ${wanted} argument(s) while ${given} were provided.`,
  )
}

// These evaluate no more of their arguments than they need.
const choices: ReadonlyMap<string, (given: Argument[]) => Json> = new Map([
  ['if', ([condition, then, otherwise]) => (truth('if', condition) ? value('if', then) : value('if', otherwise))],
  ['and', (given) => given.every((argument) => truth('and', argument))],
  ['or', (given) => given.some((argument) => truth('or', argument))],
  ['coalesce', firstNotNull],
])

function value(name: string, argument: Argument | undefined): Json {
  return argument === undefined ? invalid(`The template language function '${name}' lacks an argument.`) : argument()
}

function truth(name: string, argument: Argument | undefined): boolean {
  const given = value(name, argument)
  return typeof given === 'boolean'
    ? given
    : invalid(`The template language function '${name}' expects type 'boolean'.`)
}

function firstNotNull(given: Argument[]): Json {
  for (const argument of given) {
    const candidate = argument()
    if (candidate !== null) return candidate
  }
  return null
}

function memberOf(of: Json, key: Json): Json {
  if (Array.isArray(of) && typeof key === 'number') {
    return (
      of[key] ?? (key in of ? null : invalid(`The language expression property array index '${key}' is out of bounds.`))
    )
  }
  if (!isObject(of) || typeof key !== 'string') {
    const name = typeof key === 'string' ? key : JSON.stringify(key)
    return invalid(`The language expression property '${name}' can't be evaluated.`)
  }
  const known = keyIn(of, key)
  if (known !== undefined) return of[known] ?? null
  const available = Object.keys(of).join(', ')
  return invalid(`The language expression property '${key}' doesn't exist, available properties are '${available}'.`)
}
