import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Sql } from 'postgres'
import * as z from 'zod'
import { readShippedFiles } from '../../grafana/apply/shipped-files.ts'
import { expandMacros } from '../../src/local/grafana/expand-macros.ts'
import { connect } from '../database.ts'
import { applySql, describeOnEachEngine, type Cluster } from '../sql/engines.ts'
import { useOwnServer } from '../database.ts'

useOwnServer()

const { groups, dashboards } = await readShippedFiles('citus')
const querySchema = z.looseObject({ rawSql: z.string() })
const panelSchema = z.looseObject({ title: z.string(), targets: z.array(querySchema) })
const annotationsSchema = z.looseObject({ list: z.array(z.looseObject({ name: z.string(), target: querySchema })) })
const variableSchema = z.looseObject({ name: z.string(), query: z.string().startsWith('SELECT') })

/** All queries of rules, panels, annotations and variables to the database, by name. */
const statements = [
  ...groups
    .flatMap(({ rules }) => rules)
    .flatMap(({ uid, data }) =>
      data.flatMap(({ model }) => rawSqlIn(model).map((rawSql) => ({ name: `rule ${uid}`, rawSql }))),
    ),
  ...dashboards.flatMap(({ dashboard }) => [
    ...dashboard.panels.flatMap((panel) => {
      const parsed = panelSchema.safeParse(panel)
      return parsed.success
        ? parsed.data.targets.map(({ rawSql }) => ({ name: `panel ${parsed.data.title}`, rawSql }))
        : []
    }),
    ...annotationsSchema
      .parse(dashboard.annotations)
      .list.map(({ name, target }) => ({ name: `annotation ${name}`, rawSql: target.rawSql })),
    ...dashboard.templating.list.flatMap((variable) => {
      const parsed = variableSchema.safeParse(variable)
      return parsed.success ? [{ name: `variable ${parsed.data.name}`, rawSql: parsed.data.query }] : []
    }),
  ]),
]

function rawSqlIn(model: unknown): string[] {
  const parsed = querySchema.safeParse(model)
  return parsed.success ? [parsed.data.rawSql] : []
}

describeOnEachEngine('what Grafana asks the database', (open) => {
  let cluster: Cluster
  let grafana: Sql
  before(async () => {
    cluster = await open()
    for (const file of ['01-autoscaler', '02-roles', '03-example-schema', '04-example-distribution'])
      await applySql(cluster.url, `${file}.sql`)
    grafana = connect(cluster.url, { max: 1 })
    await grafana`SET ROLE autoscaler_grafana`
  })
  after(async () => {
    try {
      await grafana.end()
    } finally {
      await cluster.close()
    }
  })

  test('there are more than 25 statements', () => assert.ok(statements.length > 25))

  for (const { name, rawSql } of statements)
    test(`${name} runs as Grafana's role`, async () => {
      const range = { from: new Date(Date.now() - 3_600_000), to: new Date() }
      const [node, target] = await cluster.sql<{ node: string }[]>`SELECT node FROM autoscaler.workers ORDER BY node_id`
      const quoted = (text: string | undefined) => `'${text ?? ''}'`
      const chosen = rawSql
        .replaceAll('${node:sqlstring}', quoted(node?.node))
        .replaceAll('${target:sqlstring}', quoted(target?.node))
      const rows = await grafana.unsafe(expandMacros(chosen, range))
      assert.ok(rows.columns.length > 0)
    })

  test('Citus runs the statements that isolate a tenant and move it', async () => {
    const [node, target] = await cluster.sql<{ node: string }[]>`SELECT node FROM autoscaler.workers ORDER BY node_id`
    const [table] = await cluster.sql<{ colocation: number }[]>`
      SELECT colocationid AS colocation FROM pg_dist_partition WHERE partmethod = 'h' AND repmodel <> 't' ORDER BY logicalrelid::oid LIMIT 1`
    assert.ok(node && target && table)
    const [found] = await grafana<{ isolate: string; move: string }[]>`
      SELECT isolate, move FROM autoscaler.isolation('5', ${table.colocation}, ${node.node}, ${target.node})`
    assert.match(found?.isolate ?? '', /^SELECT isolate_tenant_to_new_shard\('public\.\w+', '5', 'CASCADE'\);$/)
    assert.match(found?.move ?? '', /^SELECT citus_move_shard_placement\(get_shard_id_for_distribution_column\(/)
    const [{ real }] = await cluster.sql<[{ real: boolean }]>`SELECT to_regnamespace('citus_stand_in') IS NULL AS real`
    if (real) await carryOut(cluster.sql, found?.isolate ?? '', table.colocation)
  })
})

// As shipped, both use logical replication, which the server may not support.
const blocking = (statement: string) => statement.replace(/\);$/, ", shard_transfer_mode => 'block_writes')")

/** Isolates the tenant, then moves it from its node to the other one. */
async function carryOut(sql: Sql, isolate: string, colocation: number): Promise<void> {
  await sql.unsafe(blocking(isolate))
  const held = () => sql<{ node: string; other: string }[]>`
    SELECT w.node, (SELECT node FROM autoscaler.workers o WHERE o.node <> w.node ORDER BY node_id LIMIT 1) AS other
    FROM pg_dist_placement p JOIN autoscaler.workers w ON w.group_id = p.groupid
    WHERE p.shardid = get_shard_id_for_distribution_column((
      SELECT logicalrelid FROM pg_dist_partition WHERE colocationid = ${colocation} ORDER BY logicalrelid::oid LIMIT 1), '5')`
  const [before] = await held()
  assert.ok(before)
  const [{ move }] = await sql<[{ move: string }]>`
    SELECT move FROM autoscaler.isolation('5', ${colocation}, ${before.node}, ${before.other})`
  await sql.unsafe(blocking(move))
  const [later] = await held()
  assert.equal(later?.node, before.other)
}
