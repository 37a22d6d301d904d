import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import * as z from 'zod'
import { readSettings, settingNames } from '../../src/settings.ts'

test('the example of local settings names every setting, and is complete as soon as its values are real', async () => {
  const text = await readFile('local.settings.example.json', 'utf8')
  const { Values } = z.object({ Values: z.record(z.string(), z.string()) }).parse(JSON.parse(text))
  const ofTheHost = ['FUNCTIONS_WORKER_RUNTIME', 'AzureWebJobsStorage']
  assert.deepEqual(Object.keys(Values).sort(), [...settingNames, ...ofTheHost].sort())
  const result = readSettings(Values)
  assert.ok(result.ok, JSON.stringify(result))
  assert.equal(result.settings.AUTOSCALE_MODE, 'dry-run', 'whoever copies it changes nothing yet')
})
