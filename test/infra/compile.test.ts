import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import * as z from 'zod'
import { readSettings, settingNames } from '../../src/settings.ts'
import { copyOfInfra, skipWithoutBicep, type BicepFolder } from './bicep-cli.ts'

const parameterSchema = z.object({
  type: z.string(),
  defaultValue: z.unknown().optional(),
  allowedValues: z.array(z.union([z.string(), z.number()])).optional(),
  minValue: z.number().optional(),
  maxValue: z.number().optional(),
  metadata: z.object({ description: z.string() }).optional(),
})
const templateSchema = z.object({
  parameters: z.record(z.string(), parameterSchema).default({}),
  outputs: z.record(z.string(), z.object({ type: z.string(), value: z.string() })).default({}),
})

const settingOf = (parameter: string) => parameter.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

describe('the Bicep files', { skip: skipWithoutBicep }, () => {
  let infra: BicepFolder
  let bicepFiles: string[]
  before(async () => {
    infra = await copyOfInfra()
    bicepFiles = (await readdir(infra.path, { recursive: true })).filter((file) => file.endsWith('.bicep'))
  })
  after(() => infra.remove())

  const template = async (file: string) =>
    templateSchema.parse(JSON.parse(await infra.read(file.replace('.bicep', '.json'))))

  test('compile without diagnostics, including the linter', async () => {
    const { stderr } = await infra.bicep(['build', '--pattern', '**/*.bicep'])
    assert.equal(stderr, '')
  })

  test('are formatted as by `bicep format`', async () => {
    await infra.bicep(['format', '--pattern', '**/*.bicep'])
    for (const file of bicepFiles)
      assert.equal(await infra.read(file), await readFile(`infra/${file}`, 'utf8'), `bicep format infra/${file}`)
  })

  test('describe every parameter', async () => {
    for (const file of bicepFiles)
      for (const [name, { metadata }] of Object.entries((await template(file)).parameters))
        assert.ok(metadata?.description, `${file}: ${name}`)
  })

  test('have secrets only as secure parameters without a value, and not as outputs', async () => {
    const secret = /password|secret|connectionurl/i
    for (const file of bicepFiles) {
      const { parameters, outputs } = await template(file)
      for (const [name, { type, defaultValue }] of Object.entries(parameters)) {
        if (!secret.test(name)) continue
        assert.equal(type, 'securestring', `${file}: ${name}`)
        assert.ok(defaultValue === undefined || defaultValue === '', `${file}: ${name} has a value`)
      }
      for (const [name, { type, value }] of Object.entries(outputs)) {
        assert.equal(type, 'string', `${file}: ${name}`)
        assert.doesNotMatch(value, /\blist\w*\(|parameters\('[^']*(password|secret|connectionurl)/i, `${file}: ${name}`)
      }
    }
  })

  test('limit a setting as the app does', async () => {
    const { parameters } = await template('main.bicep')
    const problemsOf = (name: string, value: string | number) => {
      const result = readSettings({ CLUSTER_NAME: 'orders', [name]: String(value) })
      return result.ok ? [] : result.problems.filter((problem) => problem.startsWith(`${name} `))
    }
    for (const [parameter, { allowedValues = [], minValue, maxValue }] of Object.entries(parameters)) {
      const name = settingOf(parameter)
      if (!settingNames.includes(name)) continue
      for (const value of [...allowedValues, minValue, maxValue])
        if (value !== undefined) assert.deepEqual(problemsOf(name, value), [], `${name}=${value}`)
      if (minValue !== undefined) assert.equal(problemsOf(name, minValue - 1).length, 1, `${name}=${minValue - 1}`)
      if (maxValue !== undefined) assert.equal(problemsOf(name, maxValue + 1).length, 1, `${name}=${maxValue + 1}`)
      if (allowedValues.length > 0) assert.equal(problemsOf(name, 'anything else').length, 1, name)
    }
  })

  test('get every parameter from azd, from a variable with the name of the setting', async () => {
    const { parameters } = await template('main.bicep')
    const file: unknown = JSON.parse(await readFile('infra/main.parameters.json', 'utf8'))
    const given = z.object({ parameters: z.record(z.string(), z.object({ value: z.string() })) }).parse(file).parameters
    const byAzd = { environmentName: '${AZURE_ENV_NAME}', location: '${AZURE_LOCATION}' }
    const expected = Object.keys(parameters).map((name) => [name, { value: `\${${settingOf(name)}}` }] as const)
    const override = Object.entries(byAzd).map(([name, value]) => [name, { value }] as const)
    assert.deepEqual(given, Object.fromEntries([...expected, ...override]))
  })
})
