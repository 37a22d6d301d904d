import { readdir, readFile } from 'node:fs/promises'
import type { Sql } from 'postgres'

const directory = new URL('./citus-stand-in/', import.meta.url)

/**
 * Makes an empty PostgreSQL database behave as the coordinator of a Citus 13.2 cluster with pg_cron 1.6, as far as this
 * project uses them. The cluster is empty at first: `SELECT citus_stand_in.create_cluster(2)`. Needs a superuser.
 */
export async function installCitusStandIn(sql: Sql): Promise<void> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  const statements = await Promise.all(files.map((name) => readFile(new URL(name, directory), 'utf8')))
  await sql.begin(async (transaction) => {
    // As in Citus, the catalogue is in pg_catalog, so it is found with any search_path.
    await transaction`SET LOCAL allow_system_table_mods = on`
    await transaction.unsafe(statements.join('\n'))
  })
}
