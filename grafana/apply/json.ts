import * as z from 'zod'

export const jsonSchema = z.json()
export const jsonObjectSchema = z.record(z.string(), jsonSchema)

export type Json = z.infer<typeof jsonSchema>
export type JsonObject = z.infer<typeof jsonObjectSchema>

/** Changes every string in the value, but not the names of fields. */
export function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapStrings(item, change)]))
}
