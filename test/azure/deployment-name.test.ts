import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deploymentName } from '../../src/azure/deployment-name.ts'

test('a name of up to 64 characters is kept', () => {
  assert.equal(deploymentName('demo'), 'autoscale-demo')
  assert.equal(deploymentName('x'.repeat(54)).length, 64)
})

test('a longer name is cut to 64 characters and stays unique', () => {
  const names = fc.string({ unit: fc.constantFrom(...'abc-'), minLength: 50, maxLength: 63 })
  fc.assert(
    fc.property(names, names, (one, other) => {
      assert.ok(deploymentName(one).length <= 64)
      assert.match(deploymentName(one), /^[-\w._()]+$/)
      assert.equal(deploymentName(one) === deploymentName(other), one === other)
    }),
  )
  const long = 'a'.repeat(60)
  assert.notEqual(deploymentName(`${long}b`), deploymentName(`${long}c`))
})
