import type { JsonObject } from '../../../../src/local/arm/template/json.ts'
import { templateOf, templateOfResources } from './template-of.ts'

const loop = { name: 'loop', count: '[length(createArray(1, 2))]', mode: 'serial', batchSize: 1 }
const first = "[resourceId('Microsoft.DBforPostgreSQL/serverGroupsv2', 'first')]"

/** Templates, and the resources that they deploy, in that order. */
export const resourceCases: { what: string; template: object; resources: ({ name: string } & JsonObject)[] }[] = [
  {
    what: 'loses what is null, but not what is null within',
    template: templateOfResources({ tags: '[null()]', identity: "[json('null')]", properties: { a: '[null()]' } }),
    resources: [{ name: 'plain', properties: { a: null } }],
  },
  {
    what: 'may have expressions for keys',
    template: templateOfResources({ tags: { "[concat('a', 'b')]": 'x' } }),
    resources: [{ name: 'plain', tags: { ab: 'x' } }],
  },
  {
    what: 'is left out when its condition is false, and others may still depend on it',
    template: templateOfResources(
      { condition: '[equals(1, 2)]' },
      { name: 'b', condition: true, dependsOn: ['plain'] },
    ),
    resources: [{ name: 'b' }],
  },
  {
    what: 'is copied, counting from 0',
    template: templateOfResources({ copy: loop, name: "[concat('n', copyIndex())]" }),
    resources: [{ name: 'n0' }, { name: 'n1' }],
  },
  {
    what: 'is copied, counting from elsewhere',
    template: templateOfResources({ copy: loop, name: "[concat('n', copyIndex(1), '-', copyIndex('loop', 5))]" }),
    resources: [{ name: 'n1-5' }, { name: 'n2-6' }],
  },
  {
    what: 'is copied no times',
    template: templateOfResources({ copy: { name: 'loop', count: 0 } }),
    resources: [],
  },
  {
    what: 'comes after those that it depends on, by name, id or loop',
    template: templateOfResources(
      { name: 'last', dependsOn: ['loop'] },
      { copy: loop, name: "[concat('n', copyIndex())]", dependsOn: [first] },
      { name: 'first' },
    ),
    resources: [{ name: 'first' }, { name: 'n0' }, { name: 'n1' }, { name: 'last' }],
  },
  {
    what: 'may be a child',
    template: templateOfResources({
      type: 'Microsoft.DBforPostgreSQL/serverGroupsv2/nodeConfigurations',
      name: 'a/b.c',
    }),
    resources: [{ name: 'a/b.c' }],
  },
]

/** Templates that Azure refuses, or that this emulator refuses because it can't evaluate them. */
export const resourceFailures: { what: string; template: object; message: string }[] = [
  {
    what: 'a circle of dependencies',
    template: templateOfResources({ name: 'a', dependsOn: ['b'] }, { name: 'b', dependsOn: ['a'] }),
    message: 'Circular dependency',
  },
  {
    what: 'an unknown dependency',
    template: templateOfResources({ dependsOn: ['b'] }),
    message: "The resource 'b' is not defined in the template.",
  },
  { what: 'no name', template: templateOfResources({ name: '' }), message: 'cannot be null or empty' },
  {
    what: 'too many names',
    template: templateOfResources({ name: 'a/b' }),
    message: "contains '2' name segment(s) separated by '/', but '1' segment(s) were expected",
  },
  { what: 'no API version', template: templateOfResources({ apiVersion: undefined }), message: 'apiVersion' },
  { what: 'an unknown member', template: templateOfResources({ zones: [] }), message: 'zones' },
  {
    what: 'fewer than no copies',
    template: templateOfResources({ copy: { name: 'loop', count: -1 } }),
    message: "invalid copy count of: '-1'",
  },
  { what: 'a condition that is no boolean', template: templateOfResources({ condition: 'yes' }), message: 'yes' },
  {
    what: 'a copy within',
    template: templateOfResources({ properties: { copy: [] } }),
    message: "evaluates 'copy' on resources only",
  },
  {
    what: 'variables in a circle',
    template: { ...templateOf("[variables('a')]"), variables: { a: "[variables('b')]", b: "[variables('a')]" } },
    message: 'a -> b -> a',
  },
  { what: 'outputs', template: { ...templateOf(), outputs: {} }, message: 'outputs' },
  { what: 'another schema', template: { ...templateOf(), $schema: 'https://example.org/x.json' }, message: '$schema' },
]
