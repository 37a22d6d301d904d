import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import test from 'node:test'
import type { Rule, RuleGroup } from '../../grafana/apply/alerting-file.ts'
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

/** Every field in a JSON, with the path that leads to it. */
function fields(value: Json, path = ''): { path: string; name: string; value: Json }[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, item]) => [
    { path: `${path}/${name}`, name, value: item },
    ...fields(item, `${path}/${name}`),
  ])
}

const textOf = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value))

const groupsOf = ({ files }: (typeof kinds)[number]): RuleGroup[] => [
  ...files.rules.database.groups,
  ...files.rules.kind.groups,
]
const allRules = new Map(
  kinds.flatMap(groupsOf).flatMap(({ rules }) => rules.map((rule): [string, Rule] => [rule.uid, rule])),
)

test('every uid is one of these, so that changing one is a decision: Grafana would keep the old thing beside the new one', () => {
  const [first] = kinds
  assert.ok(first)
  const uids = [
    ...kinds.flatMap(({ files }) => files.rules.kind.groups).flatMap(({ rules }) => rules.map(({ uid }) => uid)),
    ...first.files.rules.database.groups.flatMap(({ rules }) => rules.map(({ uid }) => uid)),
    ...first.files.contactPoints.contactPoints.flatMap(({ receivers }) => receivers.map(({ uid }) => uid)),
    ...new Set(kinds.flatMap(({ files }) => files.dataSources.map(({ uid }) => uid))),
    ...first.files.dashboards.map(({ dashboard }) => dashboard.uid),
  ].sort()
  assert.deepEqual(uids, [
    'citus-autoscaler-citus-cpu-high',
    'citus-autoscaler-citus-hot-at-maximum',
    'citus-autoscaler-cluster',
    'citus-autoscaler-cosmosdb-cpu-high',
    'citus-autoscaler-cosmosdb-hot-at-maximum',
    'citus-autoscaler-elastic-cpu-high',
    'citus-autoscaler-elastic-hot-at-maximum',
    'citus-autoscaler-people',
    'citus-autoscaler-rebalance',
    'citus-autoscaler-rebalance-stuck',
    'citus-autoscaler-scale-out',
    'citus-autoscaler-tenants',
    'citus-autoscaler-worker-count-stopped',
    'citus-autoscaler-worker-without-shards',
    'citus-autoscaler-workers-changed',
    'citus-azure-monitor',
    'citus-postgresql',
    'citus-prometheus',
  ])
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

for (const entry of kinds)
  test(`${entry.kind}: rules, contact points, data sources and dashboards know each other`, () => {
    const { files } = entry
    const contactPoints = new Set(files.contactPoints.contactPoints.map(({ name }) => name))
    const dataSources = new Set(['__expr__', ...files.dataSources.map(({ uid }) => uid)])
    const panels = new Map(
      files.dashboards.map(({ dashboard, ownPanels }) => [
        dashboard.uid,
        [...ownPanels, ...dashboard.panels].map(({ id }) => id),
      ]),
    )
    for (const rule of groupsOf(entry).flatMap(({ rules }) => rules)) {
      assert.equal(rule.notification_settings?.receiver, `citus-${rule.labels.action}`, rule.uid)
      assert.ok(contactPoints.has(rule.notification_settings.receiver))
      for (const { datasourceUid } of rule.data)
        assert.ok(dataSources.has(datasourceUid), `${rule.uid}: ${datasourceUid}`)
      assert.ok(panels.get(rule.dashboardUid ?? '')?.includes(rule.panelId), `${rule.uid}: panel ${rule.panelId}`)
    }
    const asked = fields(jsonSchema.parse(files.dashboards)).filter(({ path }) => path.endsWith('/datasource/uid'))
    assert.ok(asked.length > 10)
    for (const { path, value } of asked) assert.ok(dataSources.has(textOf(value)), path)
  })

test('every interval is a multiple of the 10 seconds that Grafana schedules by, every wait a multiple of the interval', () => {
  for (const { interval, rules } of kinds.flatMap(groupsOf)) {
    assert.equal(durationSeconds(interval) % 10, 0)
    for (const rule of rules) assert.equal(durationSeconds(rule.for) % durationSeconds(interval), 0, rule.uid)
  }
})

test('no rule keeps an alert on missing data; one only tells people that the database cannot be asked', () => {
  for (const { uid, noDataState, execErrState } of allRules.values()) {
    assert.equal(noDataState, 'OK', uid)
    assert.equal(execErrState, uid === 'citus-autoscaler-worker-count-stopped' ? 'Error' : 'OK', uid)
  }
})

test('annotations and labels have no dollar sign: files would expand it, the API would not', () => {
  for (const { uid, labels, annotations, title } of allRules.values())
    for (const text of [title, ...Object.values(labels), ...Object.values(annotations)])
      assert.ok(!text.includes('$'), uid)
})
