import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { notedCalls } from './noted-calls.ts'

const run = promisify(execFile)
const objectId = '33333333-3333-3333-3333-333333333333'
const clusterId = (type: string) =>
  `/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-orders/providers/Microsoft.DBforPostgreSQL/${type}/orders`

const outputs = {
  AUTOSCALER_CLUSTER_ID: clusterId('flexibleServers'),
  AUTOSCALER_CLUSTER_KIND: 'elastic-cluster',
  AUTOSCALER_IDENTITY: 'id-abc',
  AUTOSCALER_IDENTITY_OBJECT_ID: objectId,
  AUTOSCALER_NAME: 'func-abc',
  AUTOSCALER_PG_AUTHENTICATION: 'password',
  AUTOSCALER_PRIVATE: 'False',
  AUTOSCALER_RESOURCE_GROUP: 'rg-autoscaler',
  AUTOSCALER_URL: 'https://func-abc.azurewebsites.net',
  AUTOSCALER_VAULT: 'kv-abc',
}
// These may be in azd's environment; the hook gets all of it.
const secrets = {
  PG_CONNECTION_URL: 'postgres://citus:not-for-the-screen@orders.example:5432/citus',
  CLUSTER_ADMIN_PASSWORD: 'admin-not-for-the-screen',
  WEBHOOK_SECRETS: 'webhook-not-for-the-screen',
}

/** What the hook prints when azd runs it in an environment. */
async function printed(values: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, ...secrets, ...outputs, ...values }
  const { stdout, stderr } = await run(process.execPath, ['infra/after-provision.mjs'], { env })
  assert.doesNotMatch(stdout + stderr, /not-for-the-screen/)
  return stdout
}

/** The commands in the output: the indented lines. */
const commandsIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('   '))
    .map((line) => line.slice(3))
    .join('\n')

describe('the hook after provisioning', () => {
  /** Runs the printed commands, as if pasted into bash. */
  const calls = (text: string) => notedCalls(commandsIn(text), { PG_CONNECTION_URL: 'postgres://owner@db/postgres' })

  test('prints commands that run unchanged', async () => {
    const text = await printed({ ALERT_EMAIL: "dba@example.com; o'hara@example.com" })
    assert.match(text, /https:\/\/func-abc\.azurewebsites\.net, AUTOSCALE_MODE=on, resource group rg-autoscaler/)
    const owner = '[postgres://owner@db/postgres] [-v] [ON_ERROR_STOP=1] [-f]'
    assert.deepEqual(await calls(text), [
      `psql ${owner} [sql/01-autoscaler.sql]`,
      `psql ${owner} [sql/02-roles.sql]`,
      'az [functionapp] [keys] [list] [--resource-group] [rg-autoscaler] [--name] [func-abc] [--query] [functionKeys.default] [--output] [tsv]',
      'az [keyvault] [secret] [show] [--vault-name] [kv-abc] [--name] [webhook-secrets] [--query] [value] [--output] [tsv]',
      'npm [run] [grafana] [--] [--url] [https://YOUR-GRAFANA] [--kind] [elastic-cluster] [--dry-run]',
      "AUTOSCALER_ALERT_EMAIL=dba@example.com; o'hara@example.com",
      'AUTOSCALER_FUNCTION_KEY=from-az,older',
      'AUTOSCALER_URL=https://func-abc.azurewebsites.net',
      'AUTOSCALER_WEBHOOK_SECRET=from-az',
      'AZURE_RESOURCE_GROUP=rg-orders',
      'AZURE_SUBSCRIPTION_ID=22222222-2222-2222-2222-222222222222',
      'CLUSTER_NAME=orders',
      'curl [--silent] [--header] [@/dev/fd/63] [https://func-abc.azurewebsites.net/api/status]',
    ])
    for (const file of ['sql/01-autoscaler.sql', 'sql/02-roles.sql']) await readFile(file)
  })

  test('with entra, on an elastic cluster: creates a role for the identity by its object id', async () => {
    const asked = await calls(await printed({ AUTOSCALER_PG_AUTHENTICATION: 'entra' }))
    const signIn = asked.findIndex((call) => call.includes('pgaadauth'))
    assert.deepEqual(asked.slice(signIn, signIn + 2), [
      'psql [host=orders.postgres.database.azure.com dbname=postgres user=YOU@YOUR-TENANT sslmode=require] [-v] [ON_ERROR_STOP=1]' +
        ` [-c] [SELECT pgaadauth_create_principal_with_oid('autoscaler', '${objectId}', 'service', false, false)]`,
      'psql [postgres://owner@db/postgres] [-c] [GRANT autoscaler_function TO autoscaler]',
    ])
  })

  test('with entra, on Azure Cosmos DB for PostgreSQL: says that it has to be tried', async () => {
    const values = {
      AUTOSCALER_PG_AUTHENTICATION: 'entra',
      AUTOSCALER_CLUSTER_KIND: 'cosmosdb-postgresql',
      AUTOSCALER_CLUSTER_ID: clusterId('serverGroupsv2'),
    }
    const text = await printed(values)
    assert.match(
      text,
      new RegExp(`add id-abc \\(object id ${objectId}\\)[^]*try it, or stay with PG_AUTHENTICATION=password`),
    )
    const asked = await calls(text)
    assert.ok(asked.includes('psql [postgres://owner@db/postgres] [-c] [GRANT autoscaler_function TO "id-abc"]'))
  })

  test('without entra: no role for the identity', async () => {
    assert.doesNotMatch(await printed(), /pgaadauth|identity/)
  })

  test('for kind citus: nothing about a cluster in Azure', async () => {
    const asked = await calls(await printed({ AUTOSCALER_CLUSTER_KIND: 'citus', AUTOSCALER_CLUSTER_ID: '' }))
    assert.ok(asked.some((call) => call.includes('[--kind] [citus]')))
    assert.ok(!asked.some((call) => /^(AZURE_|CLUSTER_NAME)/.test(call)))
  })

  test('with an Azure Managed Grafana and a private network', async () => {
    const grafana = 'https://amg-abc.weu.grafana.azure.com'
    const text = await printed({ GRAFANA_URL: grafana, AUTOSCALER_PRIVATE: 'True' })
    assert.ok(text.includes(`npm run grafana -- --url ${grafana} --entra --kind elastic-cluster`), text)
    assert.match(text, /sends no mail until its mail server is set/)
    assert.match(text, /infra\/README\.md, "Secure"/)
  })

  test('without azd, it names what is missing and fails', async () => {
    const env = { PATH: process.env.PATH, AUTOSCALER_URL: outputs.AUTOSCALER_URL }
    await assert.rejects(run(process.execPath, ['infra/after-provision.mjs'], { env }), ({ code, stderr }) => {
      assert.equal(code, 1)
      assert.match(String(stderr), /^Not set: AUTOSCALER_CLUSTER_KIND, .*azd hooks run postprovision/)
      return true
    })
  })

  test('is run by azure.yaml in both shells, with its output on the screen', async () => {
    const hooks = (await readFile('azure.yaml', 'utf8')).match(
      /shell: (sh|pwsh), run: node infra\/after-provision\.mjs, interactive: true/g,
    )
    assert.equal(hooks?.length, 2)
  })

  test('only reads outputs of main.bicep and variables of main.parameters.json', async () => {
    const script = await readFile('infra/after-provision.mjs', 'utf8')
    const lists = [...script.matchAll(/^const (?:required|optional) = \[([^\]]*)\]/gm)].map(([, list = '']) => list)
    const names = lists.flatMap((list) => list.match(/[A-Z_]+/g) ?? [])
    assert.equal(names.length, new Set(names).size)
    assert.equal(script.match(/process\.env/g)?.length, 2, 'another use of process.env')
    const bicep = await readFile('infra/main.bicep', 'utf8')
    const parameters = await readFile('infra/main.parameters.json', 'utf8')
    for (const name of names)
      assert.ok(bicep.includes(`\noutput ${name} string`) || parameters.includes(`\${${name}}`), name)
  })
})
