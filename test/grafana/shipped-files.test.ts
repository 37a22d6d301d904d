import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import test from 'node:test'
import { durationSeconds } from '../../grafana/apply/duration.ts'
import { jsonSchema, type Json } from '../../grafana/apply/json.ts'
import { clusterKinds, readShippedFiles } from '../../grafana/apply/shipped-files.ts'

const folder = new URL('../../grafana/', import.meta.url)
const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json')).sort()
const documents = await Promise.all(
  names.map(async (name) => ({
    name,
    content: jsonSchema.parse(JSON.parse(await readFile(new URL(name, folder), 'utf8'))),
  })),
)
const kinds = await Promise.all(clusterKinds.map(async (kind) => ({ kind, files: await readShippedFiles(kind) })))

/** Every field of a JSON value, with its path. */
function fields(value: Json, path = ''): { path: string; name: string; value: Json }[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, item]) => [
    { path: `${path}/${name}`, name, value: item },
    ...fields(item, `${path}/${name}`),
  ])
}

const textOf = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value))
const allRules = kinds.flatMap(({ files }) => files.groups).flatMap(({ rules }) => rules)
const sorted = (texts: readonly string[]) => [...new Set(texts)].sort()

/** The names in the files, without a cluster's name, by type. */
const shortNames = {
  rules: sorted(allRules.map(({ uid }) => uid)),
  groups: sorted(kinds.flatMap(({ files }) => files.groups.map(({ name }) => name))),
  contactPoints: sorted(kinds.flatMap(({ files }) => files.contactPoints.map(({ name }) => name))),
  integrations: sorted(
    kinds.flatMap(({ files }) => files.contactPoints.flatMap(({ receivers }) => receivers.map(({ uid }) => uid))),
  ),
  dataSources: sorted(kinds.flatMap(({ files }) => files.dataSources.map(({ uid }) => uid))),
  muteTimes: sorted(kinds.flatMap(({ files }) => files.muteTimes.map(({ name }) => name))),
}

test('the names are exactly these: after a rename, Grafana would keep the old thing beside the new one', () => {
  assert.deepEqual(shortNames, {
    rules: [
      'connections-near-limit',
      'coordinator-hot',
      'cpu-high',
      'cpu-severe',
      'cpu-unknown',
      'hot-at-maximum',
      'node-hot',
      'not-settled',
      'rebalance-stuck',
      'rebalance-waiting',
      'still-hot',
      'storage-low',
      'storage-very-low',
      'worker-count-stopped',
      'workers-changed',
    ],
    groups: ['load', 'rebalance', 'scale-out', 'watch'],
    contactPoints: ['people', 'rebalance', 'scale-out'],
    integrations: ['people', 'rebalance', 'scale-out'],
    dataSources: ['azure-monitor', 'postgresql', 'prometheus'],
    muteTimes: ['business-hours'],
  })
  assert.deepEqual(sorted(kinds.flatMap(({ files }) => files.dashboards.map(({ dashboard }) => dashboard.uid))), [
    'citus-autoscaler-answers',
    'citus-autoscaler-citus',
    'citus-autoscaler-cosmosdb-postgresql',
    'citus-autoscaler-elastic-cluster',
    'citus-autoscaler-runbook',
    'citus-autoscaler-tenants',
  ])
})

test("no short name is the end of another, so that the names of two clusters differ, and all leave room for a cluster's name", () => {
  for (const list of Object.values(shortNames))
    for (const name of list) {
      assert.ok(name.length <= 24, name)
      for (const other of list) assert.ok(!other.endsWith(`-${name}`), `${other} ends in ${name}`)
    }
})

for (const { name, content } of documents)
  test(`${name} holds no secret, only the names of variables`, () => {
    const secretName =
      /^(secret|password|clientSecret|x-functions-key|authorization|authorization_credentials|apiKey|token)$/i
    for (const field of fields(content)) {
      if (secretName.test(field.name)) assert.match(textOf(field.value), /^\$[A-Z_]+$/, field.path)
      if (/url$/i.test(field.name)) assert.doesNotMatch(textOf(field.value), /[?&]code=|:[^/]*@/, field.path)
    }
  })

for (const { kind, files } of kinds)
  test(`${kind}: the rules refer to existing contact points, data sources and panels`, () => {
    const contactPoints = new Set(files.contactPoints.map(({ name }) => name))
    const dataSources = new Set(['__expr__', ...files.dataSources.map(({ uid }) => uid)])
    for (const rule of files.groups.flatMap(({ rules }) => rules)) {
      // A wrong receiver would do no harm, since a function only acts on alerts whose label names it.
      assert.equal(rule.notification_settings.receiver, rule.labels.action, rule.uid)
      assert.ok(contactPoints.has(rule.labels.action))
      for (const { refId, datasourceUid, model } of rule.data) {
        assert.ok(dataSources.has(datasourceUid), `${rule.uid}: ${datasourceUid}`)
        assert.equal(model.datasource.uid, datasourceUid)
        assert.equal(model.refId, refId)
      }
      const dashboard = files.dashboards.find(({ name }) => name === rule.dashboardUid)?.dashboard
      assert.ok(
        dashboard?.panels.some(({ id }) => id === rule.panelId),
        `${rule.uid}: panel ${rule.panelId}`,
      )
    }
  })

test('every interval is a multiple of 10 s, as Grafana requires, and every wait a multiple of the interval', () => {
  for (const { interval, rules } of kinds.flatMap(({ files }) => files.groups)) {
    assert.equal(durationSeconds(interval) % 10, 0)
    for (const rule of rules) assert.equal(durationSeconds(rule.for) % durationSeconds(interval), 0, rule.uid)
  }
})

test('only two rules fire on missing data, for people, and after a wait', () => {
  for (const { uid, labels, noDataState, execErrState, ...rule } of allRules) {
    const firesOnMissing = uid === 'cpu-unknown' || uid === 'worker-count-stopped'
    assert.deepEqual([noDataState, execErrState], firesOnMissing ? ['Alerting', 'Alerting'] : ['OK', 'OK'], uid)
    // With the states NoData and Error, they would fire at once, without the wait.
    if (firesOnMissing) assert.ok(labels.action === 'people' && durationSeconds(rule.for) >= 300)
  }
})

test('a rule for people says what is wrong, what to do, and where to read more', () => {
  for (const { uid, labels, annotations } of allRules)
    if (labels.action === 'people')
      for (const name of ['summary', 'description', 'runbook'])
        assert.ok((annotations[name] ?? '').length > 20, `${uid}: ${name}`)
})

test('every scale-out rule has the mean CPU as cpu_percent, from which the function computes the number of workers', () => {
  for (const { uid, labels, data } of allRules)
    if (labels.action === 'scale-out')
      assert.ok(
        data.some(({ refId }) => refId === 'cpu_percent'),
        uid,
      )
})

test('annotations and labels have no dollar sign, which Grafana expands in files but not over the API', () => {
  for (const { uid, labels, annotations, title } of allRules)
    for (const text of [title, ...Object.values(labels), ...Object.values(annotations)])
      assert.ok(!text.includes('$'), uid)
})
