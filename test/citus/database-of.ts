import type { Database } from '../../src/citus/database.ts'
import { readSettings } from '../../src/settings.ts'

/** A database as the settings give it. Connections and reads are shared only within one; each call makes another. */
export function databaseOf(url: string): Database {
  const result = readSettings({
    CLUSTER_KIND: 'citus',
    CLUSTER_NAME: 'demo',
    CITUS_WORKER_POOL: '127.0.0.1:1',
    PG_CONNECTION_URL: url,
  })
  if (!result.ok) throw new Error(result.problems.join('; '))
  return result.settings.database
}
