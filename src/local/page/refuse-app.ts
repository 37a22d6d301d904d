import type { Sql } from 'postgres'
import { appRole } from '../demo-database.ts'

/** Revokes LOGIN from the functions' role and ends its sessions, or grants LOGIN again. */
export async function refuseApp(sql: Sql, on: boolean): Promise<void> {
  await sql.unsafe(`ALTER ROLE ${appRole} ${on ? 'NOLOGIN' : 'LOGIN'}`)
  if (on) await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${appRole}`
}
