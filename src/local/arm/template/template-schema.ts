import * as z from 'zod'
import { invalid } from './template-error.ts'

const declaredParameter = z.strictObject({
  type: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['string', 'securestring', 'int', 'bool', 'object', 'secureobject', 'array'])),
  defaultValue: z.json().optional(),
  allowedValues: z.array(z.json()).optional(),
  minValue: z.int().optional(),
  maxValue: z.int().optional(),
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  metadata: z.json().optional(),
})

const resource = z.strictObject({
  type: z.string(),
  apiVersion: z.string(),
  name: z.string(),
  comments: z.string().optional(),
  condition: z.json().optional(),
  copy: z
    .strictObject({
      name: z.string(),
      count: z.json(),
      mode: z.enum(['serial', 'parallel']).optional(),
      batchSize: z.int().optional(),
    })
    .optional(),
  dependsOn: z.array(z.string()).default([]),
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
  variables: z.record(z.string(), z.json()).default({}),
  resources: z.array(resource),
})

export type DeclaredParameter = z.infer<typeof declaredParameter>
export type TemplateResource = z.infer<typeof resource>
export type Template = z.infer<typeof template>

/**
 * A template of the first language version, in the part of it that this emulator evaluates: no outputs, no functions of
 * its own, no copy but on resources. Anything else is refused rather than ignored.
 */
export function parseTemplate(given: unknown): Template {
  const parsed = template.safeParse(given)
  return parsed.success ? parsed.data : invalid(z.prettifyError(parsed.error))
}
