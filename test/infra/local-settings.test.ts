import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import * as z from 'zod'
import { readSettings, settingNames } from '../../src/settings.ts'

test('the example of local settings has every setting and is valid', async () => {
  const text = await readFile('local.settings.example.json', 'utf8')
  const { Values } = z.object({ Values: z.record(z.string(), z.string()) }).parse(JSON.parse(text))
  const ofTheHost = ['FUNCTIONS_WORKER_RUNTIME', 'AzureWebJobsStorage']
  assert.deepEqual(Object.keys(Values).sort(), [...settingNames, ...ofTheHost].sort())
  const result = readSettings(Values)
  assert.ok(result.ok, JSON.stringify(result))
  assert.equal(result.settings.AUTOSCALE_MODE, 'dry-run', 'an unchanged copy would change the cluster')
})

test('main.bicep passes every setting to the app, and azd can set each', async () => {
  const bicep = await readFile('infra/main.bicep', 'utf8')
  const passed = /^var settings = \{\n([^]*?)^\}/m.exec(bicep)?.[1] ?? ''
  const names = [...passed.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name = '']) => name)
  assert.deepEqual(names.sort(), [...settingNames].sort())
  const parameters = await readFile('infra/main.parameters.json', 'utf8')
  // The AZURE_ settings are derived from azd's own variables and those of the cluster.
  for (const name of settingNames)
    if (!name.startsWith('AZURE_'))
      assert.ok(parameters.includes(`"\${${name}}"`), `infra/main.parameters.json: ${name}`)
})
