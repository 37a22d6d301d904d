import { isObject, keyIn, typeName, type Json, type JsonObject } from './json.ts'
import { invalid } from './template-error.ts'

const isContainer = (value: Json): boolean => Array.isArray(value) || isObject(value)

/**
 * Azure's `union` of two objects, which are merged at all levels: the later value and spelling of a key win, a null replaces nothing, and
 * an array is replaced as a whole. Unlike Azure, this emulator does not unite two arrays.
 */
export function union(left: Json, right: Json): Json {
  if (isObject(left) && isObject(right)) return mergeObjects(left, right)
  const types = `'${typeName(left)}' and '${typeName(right)}'`
  return invalid(`The template language function 'union' expects its parameters to be objects, not ${types}.`)
}

function mergeObjects(left: JsonObject, right: JsonObject): JsonObject {
  const merged = new Map(Object.entries(left))
  for (const [key, value] of Object.entries(right)) {
    const known = keyIn(left, key)
    const before = known === undefined ? undefined : left[known]
    if (known !== undefined && known !== key) merged.delete(known)
    merged.set(key, before === undefined ? value : mergeValues(before, value))
  }
  return Object.fromEntries(merged)
}

function mergeValues(before: Json, value: Json): Json {
  if (before === null || value === null) return before ?? value
  if (isObject(before) && isObject(value)) return mergeObjects(before, value)
  if (typeName(before) !== typeName(value) && (isContainer(before) || isContainer(value))) {
    const types = `'${typeName(before)}' and '${typeName(value)}'`
    invalid(`The template language function 'union' failed to evaluate due to a type mismatch between ${types}.`)
  }
  return value
}
