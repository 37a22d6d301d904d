import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import elasticTemplate from '../../../../infra/elastic-cluster-configuration.json' with { type: 'json' }
import cosmosDbTemplate from '../../../../infra/node-configuration.json' with { type: 'json' }
import { evaluateTemplate } from '../../../../src/local/arm/template/evaluate-template.ts'
import type { Json, JsonObject } from '../../../../src/local/arm/template/json.ts'
import { skipWithoutBicep } from '../../../infra/bicep-cli.ts'
import { cosmosDbCluster, elasticCluster } from '../setup.ts'
import { startBicep } from './start-bicep.ts'
import { failures, values } from './expression-cases.ts'
import { parameterFailures } from './parameter-cases.ts'
import { resourceCases } from './resource-cases.ts'
import { target, templateOf } from './template-of.ts'

describe("compared with Azure's own template engine", { skip: skipWithoutBicep }, () => {
  let bicep: Awaited<ReturnType<typeof startBicep>>
  before(async () => void (bicep = await startBicep()))
  after(() => bicep.stop())

  // The emulator's resources in the engine's form.
  const evaluate = (template: object, given: JsonObject) =>
    evaluateTemplate(template, given, target).resources.map(({ body, ...resource }) => ({ ...resource, ...body }))

  test('every expression has the same value', async () => {
    const predicted = await bicep.predict(templateOf(...values.map(([expression]) => expression)))
    for (const [index, [expression, value]] of values.entries()) {
      assert.deepEqual(predicted[index]?.['properties'], { value }, expression)
    }
  })

  for (const [expression, message] of failures) {
    test(`${expression} is an error in both`, async () => {
      await assert.rejects(bicep.predict(templateOf(expression)), (error: Error) => error.message.includes(message))
    })
  }

  for (const { declared, given, message } of parameterFailures.filter((failure) => failure.given !== undefined)) {
    test(`a parameter declared as ${JSON.stringify(declared)} refuses ${JSON.stringify(given)} in both`, async () => {
      const template = { ...templateOf("[parameters('p')]"), parameters: { p: declared } }
      const predicted = bicep.predict(template, { p: given ?? null })
      await assert.rejects(predicted, (error: Error) => error.message.includes(message))
    })
  }

  for (const { what, template } of resourceCases) {
    test(`a resource ${what}, in both`, async () => {
      const predicted = await bicep.predict(template)
      // The engine's order differs.
      assert.deepEqual(new Set(evaluate(template, {})), new Set(predicted))
    })
  }

  test('union of any two objects gives the same result or an error in both', async () => {
    const template = templateOf("[union(parameters('left'), parameters('right'))]")
    const ofTwo = { ...template, parameters: { left: { type: 'object' }, right: { type: 'object' } } }
    const given = fc.record({ left: anyObject, right: anyObject })
    await fc.assert(
      fc.asyncProperty(given, async (values) => {
        const [ours, theirs] = await Promise.allSettled([
          Promise.resolve().then(() => evaluate(ofTwo, values)),
          bicep.predict(ofTwo, values),
        ])
        assert.equal(ours.status, theirs.status)
        if (ours.status === 'fulfilled' && theirs.status === 'fulfilled') assert.deepEqual(ours.value, theirs.value)
      }),
    )
  })

  // The engine does not evaluate what depends on a secret, so the password is a plain parameter here.
  const plain = (template: typeof cosmosDbTemplate | typeof elasticTemplate) => ({
    ...template,
    parameters: { ...template.parameters, administratorLoginPassword: { type: 'string', defaultValue: '' } },
  })
  const identity = { type: 'UserAssigned', userAssignedIdentities: { '/subscriptions/0/x': {} } }
  const deployments = [
    { what: 'a Cosmos DB cluster', template: cosmosDbTemplate, given: given(cosmosDbCluster) },
    {
      what: 'a Cosmos DB cluster with password',
      template: plain(cosmosDbTemplate),
      given: { ...given(cosmosDbCluster), administratorLoginPassword: "it's [secret]" },
    },
    { what: 'an elastic cluster', template: elasticTemplate, given: given(elasticCluster) },
    {
      what: 'an elastic cluster with password and identity',
      template: plain(elasticTemplate),
      given: { ...given(elasticCluster), administratorLoginPassword: "it's [secret]", identity },
    },
  ]
  for (const { what, template, given } of deployments) {
    test(`the template for ${what} deploys the same resources`, async () => {
      assert.deepEqual(evaluate(template, given), await bicep.predict(template, given))
    })
  }
})

// Objects with few keys, some of which differ only in case, though never within one object.
const anyObject = fc.letrec<{ object: JsonObject; value: Json }>((tie) => ({
  object: fc
    .uniqueArray(fc.tuple(fc.constantFrom('a', 'A', 'b', 'B', 'c'), tie('value')), {
      selector: ([key]) => key.toLowerCase(),
      maxLength: 3,
    })
    .map((entries) => Object.fromEntries(entries)),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Json>(null, true, 1, 'x', '[x]', [], [1, null]),
    tie('object'),
  ),
})).object

function given<Cluster extends object>({ type: _, ...cluster }: Cluster & { type: string }) {
  return { ...cluster, workers: 5 }
}
