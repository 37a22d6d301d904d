-- What the autoscaler needs in the database: the history of the number of workers, and views for dashboards and alerts.
--
--   psql "$PG_CONNECTION_URL" -v ON_ERROR_STOP=1 -f sql/01-autoscaler.sql
--
-- Run it on the coordinator, in the database that holds the distributed tables. Safe to run again; sql/remove.sql undoes it.
-- It needs Citus 11.3 or newer and pg_cron 1.5 or newer.

BEGIN;
SET LOCAL client_min_messages = warning;

DO $$
BEGIN
  IF to_regprocedure('pg_catalog.citus_is_coordinator()') IS NULL THEN
    RAISE EXCEPTION 'the database % has no Citus', current_database()
      USING HINT = 'Connect to the database that holds the distributed tables, or run CREATE EXTENSION citus in this one.';
  ELSIF to_regclass('pg_catalog.citus_stat_tenants') IS NULL THEN
    RAISE EXCEPTION 'Citus is too old: %', citus_version() USING HINT = 'Update to Citus 11.3 or newer.';
  -- not citus_is_coordinator(): that is false on a coordinator that no node was added to yet
  ELSIF (SELECT groupid FROM pg_dist_local_group) <> 0 THEN
    RAISE EXCEPTION 'this is a worker, not the coordinator'
      USING HINT = 'Connect to the coordinator. On an elastic cluster that is port 5432; 7432 may be any node.';
  ELSIF to_regnamespace('cron') IS NULL THEN
    RAISE EXCEPTION 'the database % has no pg_cron', current_database()
      USING HINT = format('Add pg_cron to shared_preload_libraries, set cron.database_name to %s (now: %s), restart, and run CREATE EXTENSION pg_cron here.',
        current_database(), coalesce(current_setting('cron.database_name', true), 'not set'));
  ELSIF NOT has_schema_privilege('cron', 'USAGE') THEN
    RAISE EXCEPTION 'role % may not use pg_cron', current_user
      USING HINT = format('Run as the owner of pg_cron: GRANT USAGE ON SCHEMA cron TO %I', current_user);
  ELSIF NOT has_database_privilege(current_database(), 'CREATE') OR NOT has_schema_privilege('public', 'CREATE') THEN
    RAISE EXCEPTION 'role % may not create the schema autoscaler and the table public.worker_count', current_user
      USING HINT = format('Run as a role that may, or: GRANT CREATE ON DATABASE %I TO %I; GRANT CREATE ON SCHEMA public TO %2$I',
        current_database(), current_user);
  ELSIF (SELECT NOT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'autoscaler') THEN
    RAISE EXCEPTION 'the schema autoscaler is another role''s'
      USING HINT = format('Run as %s.', (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'autoscaler'));
  END IF;
END $$;

-- All of this is the coordinator's alone.
SET LOCAL citus.enable_ddl_propagation = off;

CREATE SCHEMA IF NOT EXISTS autoscaler;

CREATE TABLE IF NOT EXISTS public.worker_count (
  id bigserial PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  count bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS worker_count_created_at ON public.worker_count (created_at, id);

-- A worker is a primary that carries the distributed data. The coordinator (group 0) is one exactly when it may hold shards
-- too: never by default in Azure Cosmos DB for PostgreSQL and in open-source Citus, always in an elastic cluster, where
-- the number of workers is thereby the cluster's size. The host's name says nothing about it.
CREATE OR REPLACE VIEW autoscaler.nodes AS
  SELECT nodeid AS node_id, groupid AS group_id, nodename || ':' || nodeport AS node,
    isactive AS active, shouldhaveshards AS should_have_shards
  FROM pg_dist_node
  WHERE noderole = 'primary' AND (groupid <> 0 OR shouldhaveshards);

CREATE OR REPLACE FUNCTION autoscaler.count_workers() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM autoscaler.nodes WHERE active AND should_have_shards
$$;

-- Shards by node. Those of reference tables don't count: every node has them.
CREATE OR REPLACE VIEW autoscaler.shards AS
  SELECT
    p.groupid AS group_id,
    s.shardid AS shard_id,
    -- what moves together; without a colocation group (range and append tables) each shard moves alone
    t.colocationid || ':' || CASE t.colocationid WHEN 0 THEN s.shardid::text ELSE coalesce(s.shardminvalue, '') END AS shard_group
  FROM pg_dist_partition t
  JOIN pg_dist_shard s USING (logicalrelid)
  JOIN pg_dist_placement p USING (shardid)
  WHERE t.repmodel <> 't' AND (t.partmethod <> 'n' OR t.colocationid <> 0) AND p.shardstate = 1;

-- Sizes are asked of the workers, as the owner of this function: who reads the dashboard needs no right to connect to them.
CREATE OR REPLACE FUNCTION autoscaler.shard_bytes() RETURNS TABLE (node text, bytes numeric)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT nodename || ':' || nodeport, sum(shard_size) FROM citus_shards
  WHERE citus_table_type NOT IN ('reference', 'local') GROUP BY 1
$$;

CREATE OR REPLACE VIEW autoscaler.workers AS
  SELECT n.node_id, n.group_id, n.node, n.active, n.should_have_shards,
    coalesce(s.shard_groups, 0) AS shard_groups, coalesce(s.shards, 0) AS shards, coalesce(b.bytes, 0)::bigint AS bytes
  FROM autoscaler.nodes n
  LEFT JOIN (
    SELECT group_id, count(DISTINCT shard_group) AS shard_groups, count(*) AS shards FROM autoscaler.shards GROUP BY group_id
  ) s USING (group_id)
  LEFT JOIN autoscaler.shard_bytes() b USING (node);

-- Workers that a rebalance would give something to do. With no more shard groups than workers that have one, it could not.
CREATE OR REPLACE VIEW autoscaler.workers_without_shards AS
  WITH held AS (SELECT count(DISTINCT shard_group) AS groups, count(DISTINCT group_id) AS nodes FROM autoscaler.shards)
  SELECT n.node_id, n.group_id, n.node
  FROM autoscaler.nodes n, held
  WHERE n.active AND n.should_have_shards AND held.groups > held.nodes
    AND NOT EXISTS (SELECT FROM autoscaler.shards s WHERE s.group_id = n.group_id);

-- From the first to the last number of workers since then. No row when none was recorded.
CREATE OR REPLACE FUNCTION autoscaler.worker_change(since timestamptz)
RETURNS TABLE (workers integer, before integer, change integer) LANGUAGE sql STABLE AS $$
  SELECT last.count::integer, first.count::integer, (last.count - first.count)::integer
  FROM (SELECT count FROM public.worker_count WHERE created_at >= since ORDER BY created_at, id LIMIT 1) first,
    (SELECT count FROM public.worker_count WHERE created_at >= since ORDER BY created_at DESC, id DESC LIMIT 1) last
$$;

-- When the number of workers changed within a time.
CREATE OR REPLACE FUNCTION autoscaler.worker_changes(since timestamptz, until timestamptz)
RETURNS TABLE (changed_at timestamptz, before integer, workers integer) LANGUAGE sql STABLE AS $$
  SELECT created_at, before::integer, count::integer
  FROM (
    SELECT created_at, lag(count) OVER (ORDER BY created_at, id) AS before, count
    FROM public.worker_count
    WHERE created_at <= until
      AND created_at >= coalesce((SELECT max(created_at) FROM public.worker_count WHERE created_at < since), since)
  ) recorded
  WHERE before <> count AND created_at >= since
$$;

-- Seconds since the number of workers was last recorded; null if it never was.
CREATE OR REPLACE FUNCTION autoscaler.worker_count_age() RETURNS double precision LANGUAGE sql STABLE AS $$
  SELECT extract(epoch FROM now() - max(created_at))::double precision FROM public.worker_count
$$;

-- What is left to do of the newest rebalance. A move that fails is tried again, up to 32 times: its status then reads
-- 'runnable' and its job's 'running', as if all was well, so look at retries and message.
CREATE OR REPLACE VIEW autoscaler.rebalance_tasks AS
  SELECT t.job_id, t.task_id, t.command, t.status::text AS status, coalesce(t.retry_count, 0) AS retries,
    btrim(t.message, E' \n') AS message, CASE WHEN t.retry_count > 0 THEN t.not_before END AS next_try_at
  FROM pg_dist_background_task t
  WHERE t.job_id = (SELECT max(job_id) FROM pg_dist_background_job WHERE job_type = 'rebalance')
    AND t.status NOT IN ('done', 'cancelled');

CREATE OR REPLACE VIEW autoscaler.rebalance AS
  SELECT j.job_id, j.state::text AS state, j.started_at, j.finished_at, all_tasks.done AS tasks_done, all_tasks.total AS tasks_total,
    j.finished_at IS NULL AND failing.retries IS NOT NULL AS stuck,
    failing.message AS error, failing.retries, failing.next_try_at
  FROM pg_dist_background_job j
  CROSS JOIN LATERAL (
    SELECT count(*) AS total, count(*) FILTER (WHERE status = 'done') AS done FROM pg_dist_background_task t WHERE t.job_id = j.job_id
  ) all_tasks
  LEFT JOIN LATERAL (
    SELECT message, retries, next_try_at FROM autoscaler.rebalance_tasks
    WHERE retries > 0 ORDER BY retries DESC, task_id LIMIT 1
  ) failing ON true
  WHERE j.job_id = (SELECT max(job_id) FROM pg_dist_background_job WHERE job_type = 'rebalance');

-- Rebalances that ran within a time.
CREATE OR REPLACE FUNCTION autoscaler.rebalances(since timestamptz, until timestamptz)
RETURNS TABLE (job_id bigint, started_at timestamptz, finished_at timestamptz, state text) LANGUAGE sql STABLE AS $$
  SELECT job_id, started_at, finished_at, state::text FROM pg_dist_background_job
  WHERE job_type = 'rebalance' AND started_at <= until AND coalesce(finished_at, now()) >= since
$$;

-- As the owner of this function, so that who reads the dashboard needs no pg_monitor, which would show every query text.
CREATE OR REPLACE FUNCTION autoscaler.stat_tenants()
RETURNS TABLE (tenant text, colocation_id integer, node_id integer, queries integer, reads integer, cpu_seconds double precision)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT tenant_attribute, colocation_id, nodeid, query_count_in_last_period, read_count_in_last_period, cpu_usage_in_last_period
  FROM citus_stat_tenants
$$;

-- Tenants in the last full period (citus.stat_tenants_period). Empty unless citus.stat_tenants_track is 'all'.
CREATE OR REPLACE VIEW autoscaler.tenants AS
  SELECT t.tenant, t.colocation_id, n.nodename || ':' || n.nodeport AS node, t.queries, t.reads, t.cpu_seconds,
    t.cpu_seconds / nullif(sum(t.cpu_seconds) OVER (PARTITION BY t.node_id), 0) AS share_of_node
  FROM autoscaler.stat_tenants() t
  JOIN pg_dist_node n ON n.nodeid = t.node_id;

REVOKE ALL ON FUNCTION autoscaler.shard_bytes, autoscaler.stat_tenants FROM PUBLIC;

DO $$
BEGIN
  PERFORM cron.schedule('worker-count', '5 seconds',
    'INSERT INTO public.worker_count (count) SELECT autoscaler.count_workers()');
  -- 17,280 rows a day here and as many in pg_cron's own log: a month is kept of the one, a day of the other.
  PERFORM cron.schedule('worker-count-retention', '17 3 * * *',
    $job$DELETE FROM public.worker_count WHERE created_at < now() - interval '31 days'$job$);
  PERFORM cron.schedule('worker-count-log-retention', '7 * * * *',
    $job$DELETE FROM cron.job_run_details WHERE start_time < now() - interval '1 day'
      AND jobid IN (SELECT jobid FROM cron.job WHERE jobname LIKE 'worker-count%')$job$);
EXCEPTION WHEN OTHERS THEN
  IF SQLERRM LIKE 'invalid schedule: 5 seconds%' THEN
    RAISE EXCEPTION 'pg_cron is too old: it knows no seconds'
      USING HINT = 'Update to pg_cron 1.5 or newer, then run ALTER EXTENSION pg_cron UPDATE.';
  END IF;
  RAISE;
END $$;

COMMIT;
