import type { JsonObject } from '../../../../src/local/arm/template/json.ts'
import { templateOf, templateOfResources } from './template-of.ts'

/** Templates, and the resources that they deploy, in that order. */
export const resourceCases: { what: string; template: object; resources: ({ name: string } & JsonObject)[] }[] = [
  {
    what: 'loses its null properties, but not nested ones',
    template: templateOfResources({ tags: '[null()]', identity: null, properties: { a: '[null()]' } }),
    resources: [{ name: 'plain', properties: { a: null } }],
  },
  {
    what: 'may have an expression as its name',
    template: templateOfResources({ name: "[if(empty(''), 'a', 'b')]" }, { name: 'b' }),
    resources: [{ name: 'a' }, { name: 'b' }],
  },
  {
    what: 'may be a child resource',
    template: templateOfResources({ type: 'Microsoft.DBforPostgreSQL/serverGroupsv2/roles', name: 'a/b.c' }),
    resources: [{ name: 'a/b.c' }],
  },
]

/** Templates that Azure refuses, or that this emulator refuses because no shipped template needs them. */
export const resourceFailures: { what: string; template: object; message: string }[] = [
  { what: 'no name', template: templateOfResources({ name: '' }), message: 'cannot be null or empty' },
  { what: 'an object as its name', template: templateOfResources({ name: '[createObject()]' }), message: 'is no name' },
  {
    what: 'too many names',
    template: templateOfResources({ name: 'a/b' }),
    message: "contains '2' name segment(s) separated by '/', but '1' segment(s) were expected",
  },
  { what: 'no API version', template: templateOfResources({ apiVersion: undefined }), message: 'apiVersion' },
  { what: 'copies', template: templateOfResources({ copy: { name: 'loop', count: 2 } }), message: 'copy' },
  {
    what: 'a copy in its properties',
    template: templateOfResources({ properties: { copy: [] } }),
    message: "nor 'copy'",
  },
  {
    what: 'an expression as a key',
    template: templateOfResources({ tags: { "[parameters('prefix')]": 'x' } }),
    message: 'neither expressions for keys',
  },
  { what: 'a condition', template: templateOfResources({ condition: true }), message: 'condition' },
  { what: 'a dependency', template: templateOfResources({ dependsOn: ['b'] }), message: 'dependsOn' },
  { what: 'variables', template: { ...templateOf(), variables: {} }, message: 'variables' },
  { what: 'outputs', template: { ...templateOf(), outputs: {} }, message: 'outputs' },
  { what: 'another schema', template: { ...templateOf(), $schema: 'https://example.org/x.json' }, message: '$schema' },
  {
    what: 'a parameter of an unknown type',
    template: { ...templateOf(), parameters: { p: { type: 'array', defaultValue: [] } } },
    message: 'parameters.p.type',
  },
  {
    what: 'bounds of a parameter',
    template: { ...templateOf(), parameters: { p: { type: 'int', defaultValue: 1, minValue: 1 } } },
    message: 'minValue',
  },
]
