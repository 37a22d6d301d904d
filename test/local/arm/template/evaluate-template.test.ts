import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JsonObject } from '../../../../src/local/arm/template/json.ts'
import { evaluateTemplate } from '../../../../src/local/arm/template/evaluate-template.ts'
import { failures, notSupported, values } from './expression-cases.ts'
import { parameterFailures } from './parameter-cases.ts'
import { resourceCases, resourceFailures } from './resource-cases.ts'
import { target, templateOf } from './template-of.ts'

const evaluate = (template: object, given: JsonObject = {}) => evaluateTemplate(template, given, target).resources

describe('an expression', () => {
  for (const [expression, value] of values) {
    test(`${expression} is ${JSON.stringify(value)}`, () => {
      assert.deepEqual(evaluate(templateOf(expression))[0]?.body['properties'], { value })
    })
  }
  for (const [expression, message] of [...failures, ...notSupported]) {
    test(`${expression} is an error: ${message}`, () => {
      const includesMessage = (error: Error) => error.name === 'TemplateError' && error.message.includes(message)
      assert.throws(() => evaluate(templateOf(expression)), includesMessage)
    })
  }
})

describe('a parameter', () => {
  for (const { declared, given, message } of parameterFailures) {
    test(`declared as ${JSON.stringify(declared)} refuses ${JSON.stringify(given)}`, () => {
      const template = { ...templateOf('x'), parameters: { p: declared } }
      const taken = () => evaluate(template, given === undefined ? {} : { p: given })
      assert.throws(taken, (error: Error) => error.message.includes(message))
    })
  }

  test('is found in any case, and its value is not evaluated', () => {
    const template = { ...templateOf("[parameters('name')]"), parameters: { Name: { type: 'String' } } }
    const [resource] = evaluate(template, { NAME: "[parameters('a')]" })
    assert.deepEqual(resource?.body['properties'], { value: "[parameters('a')]" })
  })
})

describe('a resource', () => {
  for (const { what, template, resources } of resourceCases) {
    test(what, () => {
      const evaluated = evaluate(template).map(({ name, body }) => ({ name, ...body }))
      assert.deepEqual(
        evaluated.map(({ name }) => name),
        resources.map(({ name }) => name),
      )
      assert.partialDeepStrictEqual(evaluated, resources)
    })
  }
  for (const { what, template, message } of resourceFailures) {
    test(`with ${what} is refused`, () => {
      assert.throws(
        () => evaluate(template),
        (error: Error) => error.message.includes(message),
      )
    })
  }
})
