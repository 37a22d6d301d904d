import { readFile } from 'node:fs/promises'
import type { Sql } from 'postgres'
import { connect } from '../database.ts'
import { startTlsPostgres, type TlsPostgres } from './tls-postgres.ts'
import { unbalance } from './unbalanced.ts'

export type TokenPostgres = Omit<TlsPostgres, 'url'> & {
  /** A URL without a password. */
  url: string
  sql: Sql
  /** Makes the server accept this token and no other. */
  acceptOnly: (token: string) => Promise<void>
  /** The pids of the role's connections. */
  processes: () => Promise<number[]>
}

/**
 * A stand-in for a database of Azure that accepts tokens of Microsoft Entra ID: a PostgreSQL that asks for a clear-text password, over TLS only.
 * Its role `autoscaler` is a member of autoscaler_function; the cluster has something to move, which takes hours.
 */
export async function startTokenPostgres(): Promise<TokenPostgres> {
  const tls = await startTlsPostgres()
  const sql = connect(tls.url, { max: 1 })
  await unbalance(sql)
  await sql`UPDATE citus_stand_in.settings SET seconds_per_move = 3600`
  await sql.unsafe(await readFile(new URL('../../sql/02-roles.sql', import.meta.url), 'utf8'))
  await sql`CREATE ROLE autoscaler LOGIN IN ROLE autoscaler_function`
  await sql`CREATE ROLE stranger LOGIN`
  const prepend = `cat - pg_hba.conf >pg_hba.new && mv pg_hba.new pg_hba.conf`
  const names = 'autoscaler,stranger,nobody'
  await sql.unsafe(
    `COPY (VALUES ('hostssl all ${names} all password'), ('hostnossl all ${names} all reject')) TO PROGRAM '${prepend}'`,
  )
  await sql`SELECT pg_reload_conf()`
  return {
    authority: tls.authority,
    sql,
    url: Object.assign(new URL(tls.url), { username: 'autoscaler', password: '' }).href,
    async acceptOnly(token) {
      await sql.unsafe(`ALTER ROLE autoscaler PASSWORD '${token}'; ALTER ROLE stranger PASSWORD '${token}'`)
    },
    processes: async () =>
      (await sql<{ pid: number }[]>`SELECT pid FROM pg_stat_activity WHERE usename = 'autoscaler' ORDER BY pid`).map(
        ({ pid }) => pid,
      ),
    async stop() {
      await sql.end()
      await tls.stop()
    },
  }
}
