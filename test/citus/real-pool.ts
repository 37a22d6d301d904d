import type { Sql } from 'postgres'
import { connect } from '../database.ts'

/** Removes a worker that came from the pool, and makes it an empty server of the pool again. */
export async function shrink(sql: Sql, url: string, address: string): Promise<void> {
  const [host = '', port = ''] = address.split(':')
  const nodes = await sql`SELECT FROM pg_dist_node WHERE nodename = ${host} AND nodeport = ${Number(port)}`
  if (nodes.length > 0) {
    await sql`SELECT citus_drain_node(${host}, ${Number(port)}, 'block_writes')`
    await sql`CALL citus_cleanup_orphaned_resources()`
    await sql`SELECT citus_remove_node(${host}, ${Number(port)})`
  }
  // A removed worker keeps its catalogue and tables, so it would be refused next time.
  const former = connect(Object.assign(new URL(url), { host: address }).href, { max: 1 })
  await former`DROP EXTENSION citus CASCADE`
  const tables = await former<{ name: string }[]>`
    SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`
  for (const { name } of tables) await former.unsafe(`DROP TABLE IF EXISTS ${name} CASCADE`)
  await former`CREATE EXTENSION citus`
  await former.end()
}
