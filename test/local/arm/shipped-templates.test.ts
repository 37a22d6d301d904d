import assert from 'node:assert/strict'
import { test } from 'node:test'
import elasticTemplate from '../../../infra/elastic-cluster-configuration.json' with { type: 'json' }
import cosmosDbTemplate from '../../../infra/node-configuration.json' with { type: 'json' }

const templates = { 'node-configuration': cosmosDbTemplate, 'elastic-cluster-configuration': elasticTemplate }

for (const [name, { parameters }] of Object.entries(templates)) {
  test(`infra/${name}.json describes every parameter, and has an optional, secret password`, () => {
    for (const { metadata } of Object.values(parameters)) assert.match(metadata.description, /^[A-Z].*\.$/)
    const { type, defaultValue } = parameters.administratorLoginPassword
    assert.deepEqual([type, defaultValue], ['securestring', ''])
  })
}
