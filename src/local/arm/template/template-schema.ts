import * as z from 'zod'
import { invalid } from './template-error.ts'

const declaredParameter = z.strictObject({
  type: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['string', 'securestring', 'int', 'object'])),
  defaultValue: z.json().optional(),
  metadata: z.json().optional(),
})

const resource = z.strictObject({
  type: z.string(),
  apiVersion: z.string(),
  name: z.string(),
  location: z.json().optional(),
  tags: z.json().optional(),
  sku: z.json().optional(),
  identity: z.json().optional(),
  properties: z.json().optional(),
})

const template = z.strictObject({
  $schema: z.string().regex(/^https:\/\/schema\.management\.azure\.com\/schemas\/[^/]+\/deploymentTemplate\.json#?$/i),
  contentVersion: z.string(),
  metadata: z.json().optional(),
  parameters: z.record(z.string(), declaredParameter).default({}),
  resources: z.array(resource),
})

export type DeclaredParameter = z.infer<typeof declaredParameter>
export type TemplateResource = z.infer<typeof resource>

/**
 * A template of the first language version, with the elements that the templates in infra/ use: no variables, outputs, conditions, copies
 * or dependencies. Other elements are refused, not ignored.
 */
export function parseTemplate(given: unknown): z.infer<typeof template> {
  const parsed = template.safeParse(given)
  return parsed.success ? parsed.data : invalid(z.prettifyError(parsed.error))
}
