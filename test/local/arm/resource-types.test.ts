import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { resourceTypeOf } from '../../../src/local/arm/resource-types.ts'
import { copyOfInfra, skipWithoutBicep } from '../../infra/bicep-cli.ts'
import { templateOfResources } from './template/template-of.ts'

// Bicep knows the types of the API: for an unknown property, it lists the ones that are missing.
test('the emulator has the same properties as the API', { skip: skipWithoutBicep }, async (context) => {
  const types = ['serverGroupsv2', 'flexibleServers']
  const resources = types.map((name) => {
    const { type, apiVersions, writable, secret } = resourceTypeOf(`Microsoft.DBforPostgreSQL/${name}`)
    // The type of these values is unknown to Bicep, so they fit every property.
    const plain = [...writable, 'nope'].map((key) => [key, "[json(parameters('anything'))]"] as const)
    const properties = { ...Object.fromEntries(plain), [secret]: "[parameters('anything')]" }
    return { type, apiVersion: apiVersions[0], name: 'any-name', location: "[parameters('anything')]", properties }
  })
  const template = { ...templateOfResources(...resources), parameters: { anything: { type: 'securestring' } } }
  const folder = await copyOfInfra()
  context.after(() => folder.remove())
  await writeFile(join(folder.path, 'every-property.json'), JSON.stringify(template))
  const { stderr } = await folder.bicep(['decompile', 'every-property.json'])
  const found = stderr.split('\n').filter((line) => line.includes('every-property.bicep('))
  assert.equal(found.length, types.length, stderr)
  const onlyNope = /BCP037: The property "nope" is not allowed .* No other properties are allowed/
  for (const line of found) assert.match(line, onlyNope)
})
