import type { TestContext } from 'node:test'
import type { Sql } from 'postgres'
import { createDatabase } from '../database.ts'
import { recordWorkers } from './clusters.ts'

/** A cluster of two workers, one of which is empty: there is something to move. */
export async function unbalanced(t: TestContext) {
  const database = await createDatabase()
  t.after(() => database.drop())
  const { sql } = database
  await unbalance(sql)
  const jobs = async () => (await sql`SELECT FROM pg_dist_background_job`).length
  return { ...database, jobs }
}

/** Distributes a table to one of the two workers. */
export async function unbalance(sql: Sql): Promise<void> {
  const may = (holdShards: boolean) =>
    sql`SELECT citus_set_node_property('worker-2', 5432, 'shouldhaveshards', ${holdShards})`
  await may(false)
  await sql`CREATE TABLE events (tenant_id int PRIMARY KEY)`
  await sql`SELECT create_distributed_table('events', 'tenant_id')`
  await may(true)
  await recordWorkers(sql)
}

/** A cluster of two workers with the shards of one table spread over them: there is nothing to move. */
export async function balanced(t: TestContext) {
  const database = await createDatabase()
  t.after(() => database.drop())
  const { sql } = database
  await sql`CREATE TABLE events (tenant_id int PRIMARY KEY)`
  await sql`SELECT create_distributed_table('events', 'tenant_id')`
  await recordWorkers(sql)
  return database
}
