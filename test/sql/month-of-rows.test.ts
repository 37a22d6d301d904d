import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ReservedSql, Sql } from 'postgres'
import * as z from 'zod'
import { onlyInFull } from '../in-full.ts'
import { applySql, describeOnEachEngine, type Cluster } from './engines.ts'

const explained = z.tuple([
  z.object({
    'QUERY PLAN': z.tuple([
      z.object({ Plan: z.object({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() }) }),
    ]),
  }),
])

describe('with 500,000 rows', { skip: onlyInFull }, () => {
  describeOnEachEngine('a month of rows in worker_count', (open) => {
    let cluster: Cluster
    let connection: ReservedSql
    let pages: number
    before(async () => {
      cluster = await open()
      const { sql } = cluster
      await applySql(cluster.url, '01-autoscaler.sql')
      await sql`SELECT cron.unschedule('worker-count')` // no rows are added during the test
      await sql`
        INSERT INTO public.worker_count (created_at, count)
        SELECT now() - interval '5 seconds' * n, 2 FROM generate_series(500000, 1, -1) n`
      await sql`ANALYZE public.worker_count`
      const [row] = await sql<[{ pages: number }]>`
        SELECT relpages AS pages FROM pg_class WHERE oid = 'public.worker_count'::regclass`
      pages = row.pages
      connection = await sql.reserve()
    })
    after(async () => {
      connection.release()
      await cluster.close()
    })

    // The plan does not show what a function reads, but its block counts include it, and the catalogue.
    async function blocksOf(sql: Sql, query: string): Promise<number> {
      await sql.unsafe(query) // the first run on a connection also reads the catalogue
      const rows = await sql.unsafe(`EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ${query}`)
      const plan = explained.parse([...rows])[0]['QUERY PLAN'][0].Plan
      return plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
    }

    // Of the 500,000 rows, 5 minutes have 60, an hour 720, a day 17,280 (a thirtieth). A full scan reads all blocks of the table.
    for (const [query, part] of [
      ['SELECT autoscaler.worker_count_age()', 10],
      [`SELECT * FROM autoscaler.worker_change(now() - interval '5 minutes')`, 10],
      [`SELECT * FROM autoscaler.worker_changes(now() - interval '1 hour', now())`, 10],
      ['SELECT autoscaler.read_history()', 5],
      [`SELECT autoscaler.read_cluster('by_shard_count')`, 5],
      ['SELECT * FROM autoscaler.settled', 5],
    ] as const)
      test(`${query} reads less than 1/${part} of the table`, async () => {
        const blocks = await blocksOf(connection, query)
        assert.ok(blocks < pages / part, `${blocks} blocks of ${pages} were read`)
      })

    test('a decision reads less than a fifth of the table after a rebalance that ended 40 days ago', async () => {
      const { sql } = cluster
      await sql`CREATE TABLE public.probe_events (tenant bigint PRIMARY KEY)`
      await sql`SELECT create_distributed_table('public.probe_events', 'tenant', shard_count => 4)`
      const reserved = await sql.reserve()
      try {
        await reserved`BEGIN`
        await reserved.unsafe(cluster.isReal ? pastRebalance : pastRebalanceOfStandIn)
        const [row] = await reserved<{ read: { rebalance: { finishedAt: string } } }[]>`
          SELECT autoscaler.read_cluster('by_shard_count') AS read`
        assert.ok(Date.parse(row?.read.rebalance.finishedAt ?? '') < Date.now() - 39 * 24 * 3_600_000)
        const blocks = await blocksOf(reserved, `SELECT autoscaler.read_cluster('by_shard_count')`)
        assert.ok(blocks < pages / 5, `${blocks} blocks of ${pages} were read`)
      } finally {
        await reserved`ROLLBACK`
        reserved.release()
      }
    })
  })
})

const pastRebalance = `
  INSERT INTO pg_dist_background_job (state, job_type, description, started_at, finished_at)
  VALUES ('cancelled', 'rebalance', 'x', now() - interval '40 days', now() - interval '40 days')`
const pastRebalanceOfStandIn = `
  INSERT INTO citus_stand_in.job VALUES (1, 'rebalance', 'x', now() - interval '40 days');
  INSERT INTO citus_stand_in.task (job_id, owner, command, shard_ids, starts_at) VALUES
    (1, current_user::regrole, 'x', '{}', now() - interval '40 days')`
