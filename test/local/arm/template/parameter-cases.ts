import type { Json, JsonObject } from '../../../../src/local/arm/template/json.ts'

/** What a parameter may be declared as, what it is given, and a piece of what Azure says about that. */
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
    declared: { type: 'bool' },
    given: 'true',
    message: "Expected a value of type 'Boolean', but received a value of type 'String'",
  },
  {
    declared: { type: 'object' },
    given: [],
    message: "Expected a value of type 'Object', but received a value of type 'Array'",
  },
  {
    declared: { type: 'array' },
    given: {},
    message: "Expected a value of type 'Array', but received a value of type 'Object'",
  },
  {
    declared: { type: 'int', defaultValue: 'x' },
    message: "Expected a value of type 'Integer', but received a value of type 'String'",
  },
  {
    declared: { type: 'string', allowedValues: ['a', 'b'] },
    given: 'A',
    message: 'is not part of the allowed value(s)',
  },
  { declared: { type: 'int', minValue: 2 }, given: 1, message: "Value should be greater than or equal to '2'" },
  { declared: { type: 'int', maxValue: 5 }, given: 6, message: "Value should be less than or equal to '5'" },
  {
    declared: { type: 'string', minLength: 2 },
    given: 'a',
    message: "Length of the value should be greater than or equal to '2'",
  },
  {
    declared: { type: 'array', maxLength: 1 },
    given: [1, 2],
    message: "Length of the value should be less than or equal to '1'",
  },
]
