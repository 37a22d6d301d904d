import { keyIn, typeName, type Json, type JsonObject } from './json.ts'
import { invalid } from './template-error.ts'
import type { DeclaredParameter } from './template-schema.ts'

type Declared = Record<string, DeclaredParameter>

// The types as a deployment's record spells them, and the types of value that are valid for each.
const types = {
  string: { shown: 'String', suits: 'String' },
  securestring: { shown: 'SecureString', suits: 'String' },
  int: { shown: 'Int', suits: 'Integer' },
  object: { shown: 'Object', suits: 'Object' },
} as const

/**
 * The value of every parameter that the template declares, by lower-case name: the given one, or else the default.
 * Throws a TemplateError when one is missing, unknown, or not as declared.
 */
export function parameterValues(
  declared: Declared,
  given: JsonObject,
  evaluateDefault: (value: Json) => Json,
): Map<string, Json> {
  refuseUnknown(declared, given)
  const values = new Map<string, Json>()
  for (const [name, declaration] of Object.entries(declared)) {
    const key = keyIn(given, name)
    const value = key === undefined ? undefined : given[key]
    const chosen =
      value ?? (declaration.defaultValue === undefined ? missing(name) : evaluateDefault(declaration.defaultValue))
    checkValue(name, declaration, chosen)
    values.set(name.toLowerCase(), chosen)
  }
  return values
}

/** The parameters as the record of a deployment shows them: a secret one has its type but no value. */
export function shownParameters(declared: Declared, values: ReadonlyMap<string, Json>): JsonObject {
  const entries = Object.entries(declared).map(([name, { type }]): [string, JsonObject] => {
    const value = values.get(name.toLowerCase()) ?? null
    return [name, type.startsWith('secure') ? { type: types[type].shown } : { type: types[type].shown, value }]
  })
  return Object.fromEntries(entries)
}

function refuseUnknown(declared: Declared, given: JsonObject): void {
  const supported = Object.keys(declared)
  const unknown = Object.keys(given).filter(
    (name) => !supported.some((known) => known.toLowerCase() === name.toLowerCase()),
  )
  if (unknown.length === 0) return
  invalid(
    `The template parameters '${unknown.join(', ')}' in the parameters file are not valid; they are not present in the original template and can therefore not be provided at deployment time. The only supported parameters for this template are '${supported.join(', ')}'. Please see https://aka.ms/arm-pass-parameter-values for usage details.`,
  )
}

function missing(name: string): never {
  return invalid(
    `The value for the template parameter '${name}' is not provided. Please see https://aka.ms/arm-create-parameter-file for usage details.`,
  )
}

function checkValue(name: string, { type }: DeclaredParameter, value: Json): void {
  const { suits } = types[type]
  if (typeName(value) === suits) return
  invalid(
    `The provided value for the template parameter '${name}' is not valid. Expected a value of type '${suits}', but received a value of type '${typeName(value)}'. Please see https://aka.ms/arm-create-parameter-file for usage details.`,
  )
}
