import type { Sql } from 'postgres'
import { connect } from '../database.ts'

/** Takes a worker that came from the pool out again, and makes it what it was before, an empty server that waits. */
export async function shrink(sql: Sql, url: string, address: string): Promise<void> {
  const [host = '', port = ''] = address.split(':')
  const nodes = await sql`SELECT FROM pg_dist_node WHERE nodename = ${host} AND nodeport = ${Number(port)}`
  if (nodes.length > 0) {
    await sql`SELECT citus_drain_node(${host}, ${Number(port)}, 'block_writes')`
    await sql`CALL citus_cleanup_orphaned_resources()`
    await sql`SELECT citus_remove_node(${host}, ${Number(port)})`
  }
  // What was a worker keeps its catalogue and the tables, and would not be fit to come again.
  const former = connect(Object.assign(new URL(url), { host: address }).href, { max: 1 })
  await former`DROP EXTENSION citus CASCADE` // and its tables
  await former`CREATE EXTENSION citus`
  await former.end()
}
