import type { Sql } from 'postgres'
import { appRole } from '../demo-database.ts'

/** Takes from the functions' role the right to log in, and what it has open, or gives the right back. */
export async function refuseApp(sql: Sql, on: boolean): Promise<void> {
  await sql.unsafe(`ALTER ROLE ${appRole} ${on ? 'NOLOGIN' : 'LOGIN'}`)
  if (on) await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${appRole}`
}
