import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as z from 'zod'
import { settingNames } from '../../src/settings.ts'
import { notedCalls } from './noted-calls.ts'

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const readme = read('infra/README.md')
const bicep = read('infra/main.bicep')
const { parameters } = z
  .object({ parameters: z.record(z.string(), z.object({ value: z.string() })) })
  .parse(JSON.parse(read('infra/main.parameters.json')))

/** The parameter that each variable of azd sets, by the variable's name. */
const variables = new Map(Object.entries(parameters).map(([parameter, { value }]) => [value.slice(2, -1), parameter]))

/** The rows of the table whose first column has this heading, cell by cell. */
function table(heading: string): string[][] {
  const lines = readme.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} `))
  assert.notEqual(start, -1, `no table with the heading ${heading}`)
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'))
  return lines.slice(start + 2, start + length).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const blocks = [...readme.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].map(([, block = '']) => block)

test('the table of variables has exactly the variables that are not settings of the app', () => {
  const named = table('variable').map(([name = '']) => name.replaceAll('`', ''))
  const expected = [...variables.keys()].filter((name) => !settingNames.includes(name) && !name.startsWith('AZURE_'))
  assert.deepEqual(named.filter((name) => name !== 'CLUSTER_KIND').sort(), expected.sort())
})

test('the defaults in the table are those of main.bicep', () => {
  for (const [name = '', value = ''] of table('variable')) {
    const parameter = variables.get(name.replaceAll('`', '')) ?? ''
    const found = new RegExp(`^param ${parameter} \\w+(?: = (?<value>.*))?$`, 'm').exec(bicep)
    assert.ok(found, name)
    const words: Record<string, string | undefined> = {
      required: undefined,
      none: "''",
      you: 'deployer().objectId',
      "the functions'": 'subscription().subscriptionId',
    }
    const expected = value in words ? words[value] : value.replace(/^`(true|false)`$/, '$1').replace(/^`(.*)`$/, "'$1'")
    assert.equal(found.groups?.value, expected, name)
  }
})

test('every variable and parameter set with azd exists', () => {
  const set = [...readme.matchAll(/azd env set (?<name>\w+)/g)].map(({ groups }) => groups?.name ?? '')
  assert.ok(set.length > 10)
  for (const name of set) if (name !== 'NAME') assert.ok(variables.has(name), name)
  const unset = [...readme.matchAll(/infra\.parameters\.(?<name>\w+)/g)].map(({ groups }) => groups?.name ?? '')
  assert.ok(unset.length > 0)
  for (const name of [...unset, 'webhookSecrets']) assert.ok(name in parameters, name)
})

test('every file, section and shell variable in the README exists', () => {
  const files = [...readme.matchAll(/`((?:sql|infra|grafana)\/[\w./-]*)`|[ =]((?:sql|infra)\/[\w./-]+\.\w+)/g)]
  assert.ok(files.length > 10)
  for (const [, path, bare = ''] of files)
    assert.ok(existsSync(new URL(`../../${path ?? bare}`, import.meta.url)), path ?? bare)
  const sections = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'))
  for (const [, section = ''] of readme.matchAll(/\]\(#([\w-]+)\)/g)) assert.ok(sections.includes(section), section)
})

test('the commands run unchanged, with the outputs of main.bicep', async () => {
  const outputs = [...bicep.matchAll(/^output (?<name>\w+) string/gm)].map(({ groups }) => groups?.name ?? '')
  const environment = Object.fromEntries(outputs.map((name) => [name, `the-${name.toLowerCase()}`]))
  assert.ok(blocks.length >= 9)
  const calls = []
  for (const block of blocks) calls.push(...(await notedCalls(block, environment)))
  const name = environment.AUTOSCALER_NAME
  const group = 'from-az,older' // what `az group show` answers here
  for (const call of [
    'az [deployment] [sub] [create] [--location] [westeurope] [--template-file] [infra/main.bicep] [--parameters] [infra/parameters/new-environment.bicepparam]',
    'curl [--silent] [--header] [@/dev/fd/63] [the-autoscaler_url/api/status]',
    `az [role] [assignment] [delete] [--role] [Citus autoscaler ${name} flexibleServers] [--scope] [${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders]`,
    `az [role] [definition] [delete] [--name] [Citus autoscaler ${name}] [--scope] [${group}]`,
    `az [lock] [delete] [--name] [${name}] [--resource-group] [rg-orders] [--resource] [orders] [--resource-type] [Microsoft.DBforPostgreSQL/flexibleServers]`,
  ])
    assert.ok(calls.includes(call), `${call} is not among\n${calls.join('\n')}`)
})

test('the roles and the lock that the README removes have the names in main.bicep', () => {
  const rights = read('infra/modules/cluster-rights.bicep')
  assert.match(rights, /roleName: 'Citus autoscaler \$\{functionAppName\}'/)
  assert.match(rights, /roleName: 'Citus autoscaler \$\{functionAppName\} \$\{clusterType\}'/)
  assert.equal(read('infra/modules/cluster-lock.bicep').match(/^ {2}name: functionAppName$/gm)?.length, 2)
})
