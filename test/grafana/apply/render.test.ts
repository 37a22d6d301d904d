import assert from 'node:assert/strict'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import test, { type TestContext } from 'node:test'
import { run } from '../../../grafana/apply/run.ts'
import { clusterKinds } from '../../../grafana/apply/shipped-files.ts'
import { readAlerting } from '../../../src/local/grafana/read-alerting.ts'

const names = {
  AZURE_SUBSCRIPTION_ID: 'the-subscription',
  AZURE_RESOURCE_GROUP: 'the-group',
  CLUSTER_NAME: 'the-cluster',
}

async function directoryFor(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'grafana-'))
  t.after(() => rm(directory, { recursive: true }))
  return directory
}

/** The output, and all files by path. */
async function render(directory: string, variables: Record<string, string>, kind = 'cosmosdb-postgresql') {
  const lines: string[] = []
  const succeeded = await run(['--render', directory, '--kind', kind], variables, (line) => lines.push(line))
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map(async (path): Promise<[string, string]> => [relative(directory, path), await readFile(path, 'utf8')]),
  )
  return { succeeded, output: lines.join('\n'), files: new Map(files) }
}

for (const kind of clusterKinds)
  test(`${kind}: files that Grafana reads, with only secrets and unset variables left to fill`, async (t) => {
    const { succeeded, output, files } = await render(await directoryFor(t), names, kind)
    assert.ok(succeeded, output)
    assert.deepEqual(
      [...files.keys()].filter((name) => !name.startsWith('dashboards/citus-autoscaler/')),
      [
        'alerting/the-cluster-contact-points.json',
        'alerting/the-cluster-mute-timings.json',
        'alerting/the-cluster-rules.json',
        'dashboards/citus-autoscaler.yaml',
        'datasources/the-cluster-datasources.yaml',
      ],
    )
    for (const text of files.values()) assert.doesNotMatch(text, /\$\{(AZURE|CLUSTER|SCALE|CITUS)/)
    const documents = [...files]
      .filter(([name]) => name.startsWith('alerting/'))
      .map(([, text]): unknown => JSON.parse(text))
    const read = readAlerting(documents, {
      AUTOSCALER_URL__THE_CLUSTER: 'https://app.example.com',
      AUTOSCALER_FUNCTION_KEY__THE_CLUSTER: '',
      AUTOSCALER_WEBHOOK_SECRET__THE_CLUSTER: 's',
      AUTOSCALER_ALERT_EMAIL__THE_CLUSTER: 'a@example.com',
    })
    assert.ok(read.rules.length > 10)
    for (const { labels, routing, uid } of read.rules) {
      assert.equal(labels.cluster, 'the-cluster')
      assert.equal(routing.receiver, `the-cluster-${labels.action}`)
      assert.match(uid, /^the-cluster-/)
    }
  })

test('set variables are filled in with dollar signs doubled, and secrets are not', async (t) => {
  const { files } = await render(await directoryFor(t), {
    ...names,
    AUTOSCALER_URL: 'https://app.example.com',
    CITUS_HOST: 'db.example.com',
    CITUS_PORT: '5432',
    CITUS_READER: 'read$er',
    CITUS_READER_PASSWORD: 'a-password',
    AUTOSCALER_WEBHOOK_SECRET: 'a-secret',
    AUTOSCALER_FUNCTION_KEY: 'a-key',
  })
  const text = [...files.values()].join('')
  assert.match(text, /"url": "https:\/\/app.example.com\/api\/scale-out"/)
  assert.match(text, /"url": "db.example.com:5432"/)
  assert.match(text, /"user": "read\$\$er"/)
  assert.match(text, /"database": "\$CITUS_DATABASE__THE_CLUSTER"/)
  assert.match(text, /"password": "\$CITUS_READER_PASSWORD__THE_CLUSTER"/)
  assert.match(text, /"secret": "\$AUTOSCALER_WEBHOOK_SECRET__THE_CLUSTER"/)
  assert.doesNotMatch(text, /a-password|a-secret|a-key/)
})

test('the files of a second cluster leave those of the first unchanged, and neither names the other', async (t) => {
  const directory = await directoryFor(t)
  const { files: first } = await render(directory, names)
  const { files } = await render(directory, { ...names, CLUSTER_NAME: 'another' })
  for (const [name, text] of first) assert.equal(files.get(name), text, name)
  const added = [...files].filter(([name]) => !first.has(name))
  assert.equal(added.length, 4)
  for (const [, text] of added) assert.doesNotMatch(text, /the-cluster|THE_CLUSTER/)
})

test('missing names are reported before anything is written', async (t) => {
  const { succeeded, output, files } = await render(await directoryFor(t), {}, 'elastic-cluster')
  assert.ok(!succeeded)
  assert.match(output, /AZURE_RESOURCE_GROUP, AZURE_SUBSCRIPTION_ID, CLUSTER_NAME/)
  assert.equal(files.size, 0)
})
