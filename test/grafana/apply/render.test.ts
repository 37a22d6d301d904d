import assert from 'node:assert/strict'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { render } from '../../../grafana/apply/render.ts'
import { clusterKinds, readShippedFiles } from '../../../grafana/apply/shipped-files.ts'
import { readAlerting } from '../../../src/local/grafana/read-alerting.ts'

const names = {
  AZURE_SUBSCRIPTION_ID: 'the-subscription',
  AZURE_RESOURCE_GROUP: 'the-group',
  CLUSTER_NAME: 'the-cluster',
}
const grafanaEnvironment = {
  AUTOSCALER_URL: 'https://app.example.com',
  AUTOSCALER_FUNCTION_KEY: '',
  AUTOSCALER_WEBHOOK_SECRET: 's',
  AUTOSCALER_ALERT_EMAIL: 'a@example.com',
}

for (const kind of clusterKinds)
  test(`${kind}: files that Grafana reads, nothing left to fill, secrets left to its environment`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'grafana-'))
    t.after(() => rm(directory, { recursive: true }))
    const written = await render(await readShippedFiles(kind), names, true, directory)
    assert.deepEqual(await readdir(join(directory, 'datasources')), ['citus-autoscaler.yaml'])
    assert.deepEqual((await readdir(join(directory, 'dashboards'))).sort(), [
      'citus-autoscaler',
      'citus-autoscaler.yaml',
    ])
    const texts = await Promise.all(written.map((name) => readFile(name, 'utf8')))
    for (const text of texts) assert.doesNotMatch(text, /\$\{(AZURE|CLUSTER|SCALE)/)
    assert.match(texts.join(''), /\$AUTOSCALER_WEBHOOK_SECRET/)
    const alerting = written.filter((name) => name.includes('/alerting/'))
    const documents = await Promise.all(
      alerting.map(async (name): Promise<unknown> => JSON.parse(await readFile(name, 'utf8'))),
    )
    const read = readAlerting(documents, grafanaEnvironment)
    assert.equal(read.rules.length, 6)
    assert.ok(read.policy && read.rules.every(({ routing }) => routing === undefined))
  })

test('names that are missing are told before anything is written', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'grafana-'))
  t.after(() => rm(directory, { recursive: true }))
  const files = await readShippedFiles('elastic-cluster')
  await assert.rejects(render(files, {}, false, directory), /AZURE_RESOURCE_GROUP, AZURE_SUBSCRIPTION_ID, CLUSTER_NAME/)
  assert.deepEqual(await readdir(directory), [])
})
