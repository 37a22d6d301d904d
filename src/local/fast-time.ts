import { setTimeout } from 'node:timers/promises'
import type { Sql } from 'postgres'
import type { Clock } from './arm/clock.ts'

export type FastTime = Clock & {
  /** How many seconds pass in one second of the machine's clock. */
  speed: number
  startedAt: number
  date: () => Date
}

/**
 * A clock that starts at the machine's time and runs `speed` times as fast. The whole loop uses it, so that all times and durations in an
 * answer are as on Azure: at speed 60, a cooldown of 15 minutes takes 15 seconds.
 */
export function startFastTime(speed: number): FastTime {
  const startedAt = Date.now()
  const now = () => startedAt + (Date.now() - startedAt) * speed
  return {
    speed,
    startedAt,
    now,
    date: () => new Date(now()),
    until: async (time, signal) => {
      await setTimeout(Math.max(0, (time - now()) / speed), undefined, { signal })
    },
  }
}

/**
 * Makes functions that are created in the database from then on use this clock, too; functions in C keep the machine's. Needs a superuser.
 */
export async function speedUpDatabase(sql: Sql, { startedAt, speed }: FastTime): Promise<void> {
  const since = `'${new Date(startedAt).toISOString()}'::timestamptz`
  await sql.begin(async (transaction) => {
    await transaction`SET LOCAL allow_system_table_mods = on`
    for (const [name, volatility] of Object.entries(functions))
      await transaction.unsafe(`
        ALTER FUNCTION pg_catalog.${name}() RENAME TO machine_${name};
        CREATE FUNCTION pg_catalog.${name}() RETURNS timestamptz LANGUAGE sql ${volatility} PARALLEL SAFE
          RETURN ${since} + (pg_catalog.machine_${name}() - ${since}) * ${speed}`)
  })
}

const functions = { now: 'STABLE', statement_timestamp: 'STABLE', clock_timestamp: 'VOLATILE' }
