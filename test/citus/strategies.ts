import type { Sql } from 'postgres'

/**
 * Adds a rebalance strategy with a cost function: a PL/pgSQL body that returns the cost of `shardid`. Thresholds: default, minimum,
 * improvement.
 */
export async function addStrategy(sql: Sql, name: string, body: string, thresholds = [0, 0, 0]): Promise<void> {
  await sql.unsafe(`
    CREATE FUNCTION public.autoscaler_test_cost(shardid bigint) RETURNS real LANGUAGE plpgsql AS $$ BEGIN ${body}; END $$;
    INSERT INTO pg_catalog.pg_dist_rebalance_strategy VALUES ('${name}', false, 'public.autoscaler_test_cost', 'citus_node_capacity_1',
      'citus_shard_allowed_on_node_true', ${thresholds.join(', ')})`)
}

/** Removes the strategies that tests have added. */
export async function dropStrategies(sql: Sql): Promise<void> {
  await sql`DELETE FROM pg_catalog.pg_dist_rebalance_strategy WHERE shard_cost_function::text LIKE '%autoscaler_test_cost'`
  await sql`DROP FUNCTION IF EXISTS public.autoscaler_test_cost`
}
