import type { Json, JsonObject } from '../../../../src/local/arm/template/json.ts'

/** Declarations of a parameter, values that they refuse, and a part of Azure's message. */
export const parameterFailures: { declared: JsonObject; given?: Json; message: string }[] = [
  { declared: { type: 'int' }, message: 'is not provided' },
  { declared: { type: 'int' }, given: null, message: 'is not provided' },
  {
    declared: { type: 'int' },
    given: '7',
    message: "Expected a value of type 'Integer', but received a value of type 'String'",
  },
  {
    declared: { type: 'int' },
    given: 1.5,
    message: "Expected a value of type 'Integer', but received a value of type 'Float'",
  },
  { declared: { type: 'securestring' }, given: 1, message: 'Expected a value of type' },
  {
    declared: { type: 'object' },
    given: [],
    message: "Expected a value of type 'Object', but received a value of type 'Array'",
  },
  {
    declared: { type: 'int', defaultValue: 'x' },
    message: "Expected a value of type 'Integer', but received a value of type 'String'",
  },
]
