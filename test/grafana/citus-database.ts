import { readFile } from 'node:fs/promises'
import type { TestContext } from 'node:test'
import { connect, createDatabase } from '../database.ts'

const sqlFiles = ['01-autoscaler', '02-roles', '03-example-schema', '04-example-distribution']

/**
 * A Citus cluster of two workers with distributed tables and the schema of sql/, without rows of the cron job, and a client with only
 * the rights of Grafana's role.
 */
export async function citusDatabase(t: TestContext) {
  const database = await createDatabase()
  t.after(() => database.drop())
  const owner = connect(database.url, { max: 1 })
  for (const name of sqlFiles)
    await owner.unsafe(await readFile(new URL(`../../sql/${name}.sql`, import.meta.url), 'utf8'))
  await owner`INSERT INTO citus_stand_in.tenant (nodeid, colocation_id, tenant_attribute, read_count_in_this_period,
      read_count_in_last_period, query_count_in_this_period, query_count_in_last_period, cpu_usage_in_this_period, cpu_usage_in_last_period)
    SELECT nodeid, 1, nodeid::text, 1, 20, 2, 30, 0.1, 0.5 FROM pg_dist_node WHERE groupid <> 0`
  const grafana = connect(database.url, { max: 1 })
  await grafana`SET ROLE autoscaler_grafana`
  t.after(async () => {
    await owner.end()
    await grafana.end()
  })
  return { owner, grafana, url: database.url }
}
