-- The schema autoscaler: the one definition of worker, shard group, settled and stuck. The functions, the rules and the dashboards read it
-- and define nothing themselves. It also keeps what no catalogue has: the history of the number of workers, the last plan, and the last
-- starts.
--
--   psql "$PG_CONNECTION_URL" -v ON_ERROR_STOP=1 -f sql/01-autoscaler.sql
--
-- Run it on the coordinator, in the database that holds the distributed tables, and then 02-roles.sql. Both can be run again; to upgrade,
-- run both again. sql/remove.sql removes everything. It needs Citus 11.3 or newer and pg_cron 1.5 or newer.

BEGIN;
SET LOCAL client_min_messages = warning;
-- So that the names below find nothing that somebody else created in another schema, which would run with the rights of the current role.
SET LOCAL search_path = pg_catalog, pg_temp;

DO $$
BEGIN
  IF to_regprocedure('pg_catalog.citus_is_coordinator()') IS NULL THEN
    RAISE EXCEPTION 'the database % has no Citus', current_database()
      USING HINT = 'Connect to the database that holds the distributed tables, or run CREATE EXTENSION citus in this one.';
  ELSIF to_regclass('pg_catalog.citus_stat_tenants') IS NULL THEN
    RAISE EXCEPTION 'Citus is too old: %', citus_version() USING HINT = 'Update to Citus 11.3 or newer.';
  -- not citus_is_coordinator(): that is false on a coordinator to which no node was added yet
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
  END IF;
END $$;

-- The owner of the schema or of the table could add a function or a trigger, which pg_cron would run as the owner of the job. So both must
-- belong to the current role or to a superuser, even when the current role is a superuser itself.
DO $$
DECLARE
  schema_owner regrole := (SELECT nspowner FROM pg_namespace WHERE nspname = 'autoscaler');
  found pg_class := (SELECT pg_class FROM pg_class WHERE oid = to_regclass('public.worker_count'));
  trusted oid[] := ARRAY(SELECT oid FROM pg_roles WHERE rolname = current_user OR (rolsuper AND pg_has_role(oid, 'USAGE')));
BEGIN
  IF schema_owner <> ALL (trusted) THEN
    RAISE EXCEPTION 'the schema autoscaler is another role''s'
      USING HINT = format('Run as %s, or: ALTER SCHEMA autoscaler OWNER TO %I', schema_owner, current_user);
  ELSIF found.oid IS NULL THEN
    RETURN;
  ELSIF found.relowner <> ALL (trusted) THEN
    RAISE EXCEPTION 'public.worker_count is a table of %', found.relowner::regrole
      USING HINT = 'Rename that table, or drop it if nobody needs it, and run this file again.';
  ELSIF found.relkind <> 'r' OR (SELECT amname FROM pg_am WHERE oid = found.relam) <> 'heap' THEN
    RAISE EXCEPTION 'public.worker_count is no ordinary table (heap): its old rows could not be deleted'
      USING HINT = 'DROP TABLE public.worker_count, which loses the recorded numbers of workers, and run this file again.';
  ELSIF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = found.oid) OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = found.oid)
    OR (SELECT array_agg(format('%s %s', attname, format_type(atttypid, atttypmod)) ORDER BY attname) FROM pg_attribute
        WHERE attrelid = found.oid AND attnum > 0 AND NOT attisdropped)
      IS DISTINCT FROM ARRAY['count bigint', 'created_at timestamp with time zone', 'id bigint'] THEN
    RAISE EXCEPTION 'public.worker_count is not the table of this file: it has other columns, or triggers or rules'
      USING HINT = 'Rename that table, or drop it if nobody needs it, and run this file again.';
  END IF;
END $$;

-- The cron job holds the table while it reads the views. So the table is locked before the views are dropped: in the other order the job and
-- this file could wait for each other, and PostgreSQL would end one of them.
DO $$
BEGIN
  IF to_regclass('public.worker_count') IS NOT NULL THEN
    LOCK TABLE public.worker_count IN SHARE ROW EXCLUSIVE MODE;
  END IF;
END $$;

-- All of this exists on the coordinator only.
SET LOCAL citus.enable_ddl_propagation = off;

CREATE SCHEMA IF NOT EXISTS autoscaler;

-- Drops the views and functions of an earlier version, so that columns and arguments can change. Fails if other objects depend on them.
DO $$
DECLARE
  views text := (SELECT string_agg(oid::regclass::text, ', ') FROM pg_class
                 WHERE relnamespace = 'autoscaler'::regnamespace AND relkind = 'v');
  functions text := (SELECT string_agg(oid::regprocedure::text, ', ') FROM pg_proc WHERE pronamespace = 'autoscaler'::regnamespace);
BEGIN
  IF views IS NOT NULL THEN
    EXECUTE 'DROP VIEW ' || views;
  END IF;
  IF functions IS NOT NULL THEN
    EXECUTE 'DROP FUNCTION ' || functions;
  END IF;
END $$;

-- The app answers citus-refused when it finds a lower number.
CREATE FUNCTION autoscaler.version() RETURNS integer LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT 3';

-- ---- tables: always heap, even if the default access method is columnar, which has no DELETE ----

CREATE TABLE IF NOT EXISTS public.worker_count (
  id bigserial PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  count bigint NOT NULL
) USING heap;
CREATE INDEX IF NOT EXISTS worker_count_created_at ON public.worker_count (created_at, id);

-- Citus's last plan for the strategy that the app uses. It is valid as long as nodes and placements don't change.
CREATE TABLE IF NOT EXISTS autoscaler.last_plan (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  strategy name NOT NULL,
  moves integer, -- moves of shard groups; null until Citus was asked
  placements text NOT NULL, -- autoscaler.placements() at that time
  planned_at timestamptz NOT NULL
) USING heap;

-- The last start of each kind of work, with its error if it failed after the request had been answered.
CREATE TABLE IF NOT EXISTS autoscaler.last_start (
  work text PRIMARY KEY CHECK (work IN ('rebalance', 'add-worker')),
  started_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL,
  job_id bigint,
  error text,
  failures integer NOT NULL DEFAULT 0 -- in a row
) USING heap;

-- ---- nodes, workers, shard groups ----

CREATE FUNCTION autoscaler.address_of(host text, port integer) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format(CASE WHEN host LIKE '%:%' THEN '[%s]:%s' ELSE '%s:%s' END, host, port)
$$;

-- A worker is a primary node that holds distributed data. The coordinator (group 0) is one when it may hold shards:
-- by default not in Azure Cosmos DB for PostgreSQL and in open-source Citus, but always in an elastic cluster, where
-- the number of workers is therefore the cluster's size. The host's name says nothing about it.
CREATE VIEW autoscaler.nodes AS
  SELECT nodeid AS node_id, groupid AS group_id,
    autoscaler.address_of(nodename, nodeport) AS node,
    isactive AS active, shouldhaveshards AS should_have_shards, isactive AND shouldhaveshards AS is_worker
  FROM pg_catalog.pg_dist_node
  WHERE noderole = 'primary' AND (groupid <> 0 OR shouldhaveshards);

CREATE FUNCTION autoscaler.count_workers() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*) FROM autoscaler.nodes WHERE is_worker
$$;

-- A shard group always moves together: a shard and those colocated with it. One table of each colocation group stands for all its tables;
-- without a group (range and append tables) each shard moves alone. Reference tables (repmodel t) are on every node and never count,
-- and neither do local tables in the metadata.
CREATE VIEW autoscaler.shard_groups AS
  SELECT s.shardid AS shard_id, t.colocationid AS colocation_id, s.shardminvalue AS shard_min_value, p.groupid AS group_id
  FROM (
    SELECT logicalrelid, colocationid, row_number() OVER (PARTITION BY colocationid ORDER BY logicalrelid::oid) AS place
    FROM pg_catalog.pg_dist_partition
    WHERE repmodel <> 't' AND (partmethod <> 'n' OR colocationid <> 0)
  ) t
  JOIN pg_catalog.pg_dist_shard s USING (logicalrelid)
  JOIN pg_catalog.pg_dist_placement p USING (shardid)
  WHERE (t.colocationid = 0 OR t.place = 1) AND p.shardstate = 1;

-- Workers that a person took out of service (shouldhaveshards is false). Their shards stay there until a rebalance has something else to
-- move; then Citus moves them too, and this cannot be prevented. The coordinator is not one of these: Citus's plan empties it as its own
-- settings say (Azure: enableShardsOnCoordinator).
CREATE VIEW autoscaler.out_of_service AS
  SELECT n.node_id, n.group_id, n.node, coalesce(g.shard_groups, 0) AS shard_groups
  FROM autoscaler.nodes n
  LEFT JOIN (SELECT group_id, count(*) AS shard_groups FROM autoscaler.shard_groups GROUP BY group_id) g USING (group_id)
  WHERE NOT n.should_have_shards;

CREATE VIEW autoscaler.workers AS
  SELECT n.node_id, n.group_id, n.node, n.active, n.should_have_shards, n.is_worker,
    coalesce(g.shard_groups, 0) AS shard_groups, coalesce(s.shards, 0) AS shards
  FROM autoscaler.nodes n
  LEFT JOIN (SELECT group_id, count(*) AS shard_groups FROM autoscaler.shard_groups GROUP BY group_id) g USING (group_id)
  LEFT JOIN (
    SELECT p.groupid AS group_id, count(*) AS shards
    FROM pg_catalog.pg_dist_partition t JOIN pg_catalog.pg_dist_shard USING (logicalrelid) JOIN pg_catalog.pg_dist_placement p USING (shardid)
    WHERE t.repmodel <> 't' AND (t.partmethod <> 'n' OR t.colocationid <> 0) GROUP BY p.groupid
  ) s USING (group_id);

-- Sizes are separate from the counts, since every worker has to be asked for them, which takes longer. This runs as the owner of the
-- function, so that readers of the dashboard need no right to connect to the workers.
CREATE FUNCTION autoscaler.worker_sizes() RETURNS TABLE (node text, bytes bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT autoscaler.address_of(nodename, nodeport), sum(shard_size)::bigint FROM pg_catalog.citus_shards
  WHERE citus_table_type NOT IN ('reference', 'local') GROUP BY 1
$$;

-- ---- the history of the number of workers ----

-- The first and the last number of workers since then, and the change. No row if none was recorded.
CREATE FUNCTION autoscaler.worker_change(since timestamptz) RETURNS TABLE (workers integer, before integer, change integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT last.count::integer, first.count::integer, (last.count - first.count)::integer
  FROM (SELECT count FROM public.worker_count WHERE created_at >= since ORDER BY created_at, id LIMIT 1) first,
    (SELECT count FROM public.worker_count WHERE created_at >= since ORDER BY created_at DESC, id DESC LIMIT 1) last
$$;

-- When the number of workers changed, in a time range.
CREATE FUNCTION autoscaler.worker_changes(since timestamptz, until timestamptz)
RETURNS TABLE (changed_at timestamptz, before integer, workers integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
CREATE FUNCTION autoscaler.worker_count_age() RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT extract(epoch FROM now() - max(created_at))::double precision FROM public.worker_count
$$;

-- Called by pg_cron every night, and by nobody else: keeps the numbers of workers for a month, and pg_cron's own log of our jobs for a day.
-- It is a function because a job has the search_path of its owner.
CREATE FUNCTION autoscaler.delete_old_counts() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM public.worker_count WHERE created_at < now() - interval '31 days'
$$;

CREATE FUNCTION autoscaler.delete_old_runs() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM cron.job_run_details WHERE start_time < now() - interval '1 day'
    AND jobid IN (SELECT jobid FROM cron.job WHERE jobname LIKE 'worker-count%' OR jobname = 'autoscaler-plan')
$$;

-- The history that the app needs; null if the table is gone. It has stopped if nothing was recorded for two minutes, 24 times the normal
-- interval.
CREATE FUNCTION autoscaler.read_history() RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('public.worker_count') IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT json_build_object(
    'stopped', age IS NULL OR age > 120,
    'secondsSinceLastRow', age,
    -- the cooldown counts from it, and is a day at most
    'lastRiseAt', (SELECT max(changed_at) FROM autoscaler.worker_changes(now() - interval '1 day', now()) WHERE workers > before),
    'newestCount', (SELECT count FROM public.worker_count ORDER BY created_at DESC, id DESC LIMIT 1)
  ) FROM (SELECT autoscaler.worker_count_age() AS age) newest);
END $$;

-- ---- rebalance ----

-- Why a task failed, in one word. Citus has no error code for it, so this reads the message; tests provoke each of them (Citus 11.3 to
-- 13.2).
CREATE FUNCTION autoscaler.cause_of(error text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN error ~* 'orphaned|leftover|could not be cleaned up' THEN 'leftovers'
    WHEN error ~* 'not enough empty space|desired_percent_disk_available|No space left|disk full' THEN 'disk'
    WHEN error ~* 'connection to the remote node|could not connect|connection refused|connection error|failure on connection'
      OR error ~* 'could not fetch disk stats|server closed the connection|terminating connection'
      THEN 'worker-down'
    WHEN error ~* 'lock timeout|deadlock|could not acquire the lock' THEN 'lock'
    ELSE 'retrying'
  END
$$;

-- The sessions that hold the locks that a process waits for. Runs as the owner, since only pg_monitor may see other users' sessions.
CREATE FUNCTION autoscaler.blockers_of(process integer) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT string_agg(format('%s (pid %s, %s, %s, since %s)', usename, pid, coalesce(nullif(application_name, ''), 'no name'), state,
                           to_char(xact_start, 'YYYY-MM-DD HH24:MI:SSOF')), '; ')
  FROM pg_catalog.pg_stat_activity WHERE pid = ANY (pg_catalog.pg_blocking_pids(process))
$$;

-- The tasks of the newest rebalance that are not done. A move that fails is retried up to 32 times; its status is then
-- 'runnable' and that of its job 'running', as for a healthy one, so read retries and message.
CREATE VIEW autoscaler.rebalance_tasks AS
  SELECT t.job_id, t.task_id, t.command, t.status::text AS status, coalesce(t.retry_count, 0) AS retries,
    btrim(t.message, E' \n') AS message, CASE WHEN t.retry_count > 0 THEN t.not_before END AS next_try_at, t.pid
  FROM pg_catalog.pg_dist_background_task t
  WHERE t.job_id = (SELECT max(job_id) FROM pg_catalog.pg_dist_background_job WHERE job_type = 'rebalance')
    AND t.status NOT IN ('done', 'cancelled');

-- When the app last started that work, during the 15 seconds that Citus's daemon may need to notice a new job.
CREATE FUNCTION autoscaler.started_at(job bigint) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT ended_at FROM autoscaler.last_start WHERE work = 'rebalance' AND job_id = job
$$;

-- The newest rebalance. Stuck: it is unfinished, and a task has failed and waits, or nothing runs although something should. `cause` says
-- why in one word: retrying, leftovers, disk, worker-down, lock, or no-worker-process. A task that waits for a lock has the cause lock.
CREATE VIEW autoscaler.rebalance AS
  SELECT job_id, state, started_at, finished_at, unfinished, tasks_done, tasks_total, cause IS NOT NULL AS stuck, cause,
    CASE WHEN unfinished THEN failed_message WHEN state IN ('failed', 'cancelled') THEN last_message END AS error,
    retries, next_try_at, CASE WHEN cause = 'lock' THEN waiting_for END AS waiting_for
  FROM (
    SELECT j.job_id, j.state::text AS state, j.started_at, j.finished_at, newest.unfinished, tasks.done AS tasks_done, tasks.total AS tasks_total,
      failing.message AS failed_message, tasks.last_message, failing.retries, failing.next_try_at, blocked.waiting_for,
      CASE
        WHEN NOT newest.unfinished THEN NULL
        WHEN failing.retries IS NOT NULL THEN autoscaler.cause_of(failing.message)
        WHEN blocked.waiting_for IS NOT NULL THEN 'lock'
        WHEN tasks.running = 0 AND tasks.due > 0 AND coalesce(autoscaler.started_at(j.job_id), '-infinity') < now() - interval '15 seconds'
          THEN 'no-worker-process'
      END AS cause
    FROM pg_catalog.pg_dist_background_job j
    CROSS JOIN LATERAL (SELECT j.state::text IN ('scheduled', 'running', 'cancelling', 'failing') AS unfinished) newest
    CROSS JOIN LATERAL (
      SELECT count(*) AS total, count(*) FILTER (WHERE status = 'done') AS done, count(*) FILTER (WHERE status = 'running') AS running,
        count(*) FILTER (WHERE status = 'runnable' AND (not_before IS NULL OR not_before <= now())) AS due,
        max(btrim(message, E' \n')) FILTER (WHERE status = 'error') AS last_message
      FROM pg_catalog.pg_dist_background_task t WHERE t.job_id = j.job_id
    ) tasks
    LEFT JOIN LATERAL (
      SELECT message, retries, next_try_at FROM autoscaler.rebalance_tasks
      WHERE retries > 0 AND status <> 'running' ORDER BY retries DESC, task_id LIMIT 1
    ) failing ON newest.unfinished
    LEFT JOIN LATERAL (
      SELECT autoscaler.blockers_of(pid) AS waiting_for FROM autoscaler.rebalance_tasks
      WHERE status = 'running' AND pid > 0 AND cardinality(pg_catalog.pg_blocking_pids(pid)) > 0 ORDER BY task_id LIMIT 1
    ) blocked ON newest.unfinished
    WHERE j.job_id = (SELECT max(job_id) FROM pg_catalog.pg_dist_background_job WHERE job_type = 'rebalance')
  ) judged;

-- Rebalances that ran in a time range.
CREATE FUNCTION autoscaler.rebalances(since timestamptz, until timestamptz)
RETURNS TABLE (job_id bigint, started_at timestamptz, finished_at timestamptz, state text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT job_id, started_at, finished_at, state::text FROM pg_catalog.pg_dist_background_job
  WHERE job_type = 'rebalance' AND started_at <= until AND coalesce(finished_at, now()) >= since
$$;

-- ---- settled ----

-- The advisory locks of the app's work: while one is taken, that work is running in some process.
CREATE FUNCTION autoscaler.lock_key(work text) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 7088768432000 + CASE work WHEN 'add-worker' THEN 1 WHEN 'rebalance' THEN 2 WHEN 'plan' THEN 3 END
$$;

CREATE FUNCTION autoscaler.is_under_way(work text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) AND granted
      AND pid <> pg_backend_pid()
      AND objsubid = 1 AND (classid::bigint << 32) + objid::bigint = autoscaler.lock_key(work)
  )
$$;

-- What a plan depends on: the nodes, and the highest placement id, which increases with every move.
CREATE FUNCTION autoscaler.placements() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format('%s; %s',
    (SELECT string_agg(format('%s %s %s', nodeid, isactive, shouldhaveshards), ', ' ORDER BY nodeid)
     FROM pg_catalog.pg_dist_node WHERE noderole = 'primary'),
    (SELECT max(placementid) FROM pg_catalog.pg_dist_placement))
$$;

-- Whether the cluster is settled: no rebalance is unfinished, and Citus's plan has no move. If the plan is not known, an empty worker that
-- could get a shard group means that it is not settled. A plan is renewed after an hour, since sizes change as well.
CREATE FUNCTION autoscaler.settled_for(wanted_strategy name DEFAULT NULL)
RETURNS TABLE (settled boolean, reason text, moves integer, known boolean, strategy name, planned_at timestamptz, message text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH plan AS (
    SELECT p.strategy, p.planned_at,
      CASE WHEN p.strategy = coalesce(wanted_strategy, p.strategy) AND p.planned_at > now() - interval '1 hour'
        AND p.placements = autoscaler.placements() THEN p.moves END AS moves
    FROM (SELECT) one LEFT JOIN autoscaler.last_plan p ON true
  ), running AS (
    SELECT (SELECT job_id FROM autoscaler.rebalance WHERE unfinished) AS job, autoscaler.is_under_way('rebalance') AS starting
  ), held AS (
    SELECT group_id, count(*) AS groups FROM autoscaler.shard_groups
    WHERE group_id NOT IN (SELECT group_id FROM autoscaler.out_of_service) GROUP BY group_id
  ), empty AS (
    SELECT string_agg(n.node, ', ' ORDER BY n.node_id) AS nodes
    FROM autoscaler.nodes n LEFT JOIN held USING (group_id)
    WHERE (SELECT plan.moves IS NULL FROM plan) AND n.is_worker AND held.group_id IS NULL
      AND (SELECT coalesce(sum(groups), 0) FROM held) > (SELECT count(*) FROM held JOIN autoscaler.nodes USING (group_id) WHERE is_worker)
  ), judged AS (
    SELECT *, CASE
      WHEN job IS NOT NULL THEN 'running'
      WHEN starting THEN 'starting'
      WHEN moves > 0 THEN 'moves'
      WHEN moves IS NULL AND nodes IS NOT NULL THEN 'empty-worker'
    END AS why
    FROM plan, running, empty
  )
  SELECT why IS NULL, coalesce(why, 'settled'), moves, moves IS NOT NULL, strategy, planned_at,
    CASE why
      WHEN 'running' THEN format('rebalance job %s is unfinished', job)
      WHEN 'starting' THEN 'a rebalance is being planned'
      WHEN 'moves' THEN format('Citus''s plan has %s moves', moves)
      WHEN 'empty-worker' THEN format('no shards yet on %s, and what Citus plans is not known', nodes)
      ELSE CASE WHEN moves IS NULL THEN 'no worker is empty; what Citus plans is not known' ELSE 'Citus plans no move' END
    END
  FROM judged
$$;

-- The same for the rules, with the strategy that the app used last.
CREATE VIEW autoscaler.settled AS SELECT * FROM autoscaler.settled_for();

-- Whether a worker has come since then: worker_count rose, or the live number is above its newest row.
CREATE FUNCTION autoscaler.worker_came_since(moment timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('public.worker_count') IS NULL THEN
    RETURN false;
  END IF;
  RETURN EXISTS (SELECT FROM autoscaler.worker_changes(moment, now()) c WHERE c.workers > c.before)
    OR coalesce(autoscaler.count_workers() > (SELECT count FROM public.worker_count ORDER BY created_at DESC, id DESC LIMIT 1), false);
END $$;

-- Whether a person stopped the newest rebalance and the stop is still in force: for a day, unless a worker has come since. The app decides
-- the same with its own clock (rebalance-cancelled).
CREATE FUNCTION autoscaler.stop_stands() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM autoscaler.rebalance
    WHERE state = 'cancelled' AND finished_at > now() - interval '1 day' AND NOT autoscaler.worker_came_since(finished_at))
$$;

-- ---- what the app reads and does: for autoscaler_function ----

-- Everything that a decision needs, in one answer.
CREATE FUNCTION autoscaler.read_cluster(strategy name) RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH held AS (SELECT group_id, count(*) AS groups FROM autoscaler.shard_groups GROUP BY group_id)
  SELECT json_build_object(
    'version', autoscaler.version(),
    'isCoordinator', (SELECT groupid = 0 FROM pg_catalog.pg_dist_local_group),
    'isReadOnly', pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,
    'nodes', (SELECT coalesce(json_agg(json_build_object(
        'node', node, 'isWorker', is_worker, 'isActive', active, 'shardGroups', coalesce(held.groups, 0)) ORDER BY node_id), '[]')
      FROM autoscaler.nodes LEFT JOIN held USING (group_id)),
    -- with more workers than shard groups, one of them never gets any (citusdata/citus#6739)
    'usefulWorkers', (SELECT coalesce(sum(groups), 0) FROM held WHERE group_id NOT IN (SELECT group_id FROM autoscaler.out_of_service)),
    'settled', (SELECT row_to_json(s) FROM autoscaler.settled_for(strategy) s),
    'isAddingWorkers', autoscaler.is_under_way('add-worker'),
    'rebalance', (SELECT json_build_object(
        'job', job_id, 'state', state, 'unfinished', r.unfinished, 'startedAt', started_at, 'finishedAt', finished_at,
        'tasksDone', tasks_done, 'tasksTotal', tasks_total, 'stuck', stuck, 'cause', cause, 'error', error, 'retries', retries,
        'nextTryAt', next_try_at, 'waitingFor', waiting_for, 'failuresInARow', (
          SELECT count(*) FROM pg_catalog.pg_dist_background_job j
          WHERE job_type = 'rebalance' AND j.state::text = 'failed' AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_dist_background_job later
            WHERE later.job_type = 'rebalance' AND later.job_id >= j.job_id AND later.state::text <> 'failed')),
        -- only needed for a stop, which lasts a day: this avoids reading a month of rows
        'workerCameSince', state = 'cancelled' AND autoscaler.worker_came_since(greatest(finished_at, now() - interval '1 day'))
      ) FROM autoscaler.rebalance r),
    'failedStarts', (SELECT coalesce(json_object_agg(work, json_build_object(
        'startedAt', started_at, 'endedAt', ended_at, 'error', error, 'failures', failures)), '{}')
      FROM autoscaler.last_start WHERE error IS NOT NULL),
    'history', autoscaler.read_history()
  )
$$;

-- Whether the app should start a rebalance. Not without workers, since Citus would refuse to plan. Not if only shards of workers that a
-- person took out of service would move: a plan that ignores those shards shows that.
CREATE FUNCTION autoscaler.may_rebalance(wanted name) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  resting bigint[] := ARRAY(SELECT shardid FROM pg_catalog.pg_dist_placement JOIN autoscaler.out_of_service ON group_id = groupid WHERE shard_groups > 0);
BEGIN
  RETURN EXISTS (SELECT FROM autoscaler.nodes WHERE is_worker) AND (resting = '{}' OR EXISTS (
    SELECT FROM pg_catalog.get_rebalance_table_shards_plan(rebalance_strategy := wanted, excluded_shard_list := resting)));
END $$;

-- How many moves a rebalance would make: all of Citus's plan, or none.
CREATE FUNCTION autoscaler.count_moves(wanted name) RETURNS integer
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  -- a row is a shard, a move takes a whole shard group
  SELECT count(DISTINCT (t.colocationid, CASE t.colocationid WHEN 0 THEN s.shardid::text ELSE s.shardminvalue END, p.sourcename, p.sourceport))
  FROM pg_catalog.get_rebalance_table_shards_plan(rebalance_strategy := wanted) p
  JOIN pg_catalog.pg_dist_shard s USING (shardid)
  JOIN pg_catalog.pg_dist_partition t USING (logicalrelid)
  WHERE (SELECT autoscaler.may_rebalance(wanted))
$$;

-- Asks Citus for its plan, and stores it. Null while another session does that. With thousands of shard groups it may take minutes.
CREATE FUNCTION autoscaler.plan_rebalance(wanted name) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  planned integer;
  before text := autoscaler.placements();
BEGIN
  IF autoscaler.is_under_way('plan') OR NOT pg_try_advisory_xact_lock(autoscaler.lock_key('plan')) THEN
    RETURN NULL;
  END IF;
  planned := autoscaler.count_moves(wanted);
  PERFORM autoscaler.remember_plan(wanted, planned, before);
  RETURN planned;
END $$;

CREATE FUNCTION autoscaler.remember_plan(strategy name, moves integer, placements text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT current_setting('transaction_read_only')::boolean THEN
    INSERT INTO autoscaler.last_plan AS p VALUES (true, strategy, moves, placements, clock_timestamp())
    ON CONFLICT (only_one) DO UPDATE SET (strategy, moves, placements, planned_at)
      = (excluded.strategy, excluded.moves, excluded.placements, excluded.planned_at);
  END IF;
END $$;

-- Records the strategy that the app uses, so that pg_cron keeps the plan for the rules up to date, even if no request can wait for it.
CREATE FUNCTION autoscaler.use_strategy(strategy name) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT autoscaler.remember_plan(strategy, NULL, '')
$$;

-- Called every 30 seconds by pg_cron: asks for a new plan if the stored one is not valid any more.
CREATE FUNCTION autoscaler.refresh_plan() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  now_settled record;
BEGIN
  SELECT * INTO now_settled FROM autoscaler.settled_for();
  IF now_settled.strategy IS NOT NULL AND NOT now_settled.known AND now_settled.reason NOT IN ('running', 'starting') THEN
    PERFORM autoscaler.plan_rebalance(now_settled.strategy);
  END IF;
END $$;

-- Records how a start ended. `error` is null when it succeeded.
CREATE FUNCTION autoscaler.remember_start(kind text, began timestamptz, job bigint, error text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO autoscaler.last_start AS s VALUES (kind, began, clock_timestamp(), job, error, CASE WHEN error IS NULL THEN 0 ELSE 1 END)
  ON CONFLICT (work) DO UPDATE SET (started_at, ended_at, job_id, error, failures) = (excluded.started_at, excluded.ended_at,
    excluded.job_id, excluded.error, CASE WHEN excluded.error IS NULL THEN 0 ELSE s.failures + 1 END)
$$;

-- Whether a start of this work, with this server if one is named, failed within the last minute. The app waits at least 5 minutes after a
-- failure; but a decision that was read just before the failure was recorded, and its lock released, does not know of it.
CREATE FUNCTION autoscaler.has_just_failed(wanted text, server text DEFAULT '') RETURNS boolean
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM autoscaler.last_start
    WHERE work = wanted AND starts_with(error, server) AND ended_at > clock_timestamp() - interval '1 minute')
$$;

-- Starts Citus's background rebalance, once, however many sessions call this: {"kind": "started", "job", "moves"}, {"kind": "balanced"},
-- {"kind": "running", "job"}, or {"kind": "starting"} while another session starts one. Planning may take minutes. An error within
-- `answer_within` is raised; later nobody is waiting for it, so it is stored. The moves run as the owner of this function, who must be a
-- member of the owners of the tables.
CREATE FUNCTION autoscaler.start_rebalance(strategy name, transfer_mode text, answer_within interval) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
  began timestamptz := clock_timestamp();
  before text := autoscaler.placements();
  job bigint;
  moves bigint;
  sqlstate_ text;
  message text;
BEGIN
  -- checked first, since Citus refuses without a specific SQLSTATE
  IF NOT pg_try_advisory_xact_lock(autoscaler.lock_key('rebalance')) OR autoscaler.has_just_failed('rebalance') THEN
    RETURN json_build_object('kind', 'starting');
  END IF;
  job := (SELECT r.job_id FROM autoscaler.rebalance r WHERE r.unfinished);
  IF job IS NOT NULL THEN
    RETURN json_build_object('kind', 'running', 'job', job);
  END IF;
  BEGIN
    IF autoscaler.may_rebalance(strategy) THEN
      -- no cast: the enum's type is in a schema that only the user citus may use
      EXECUTE format('SELECT pg_catalog.citus_rebalance_start(%L, false, %L)', strategy, transfer_mode) INTO job;
    END IF;
  EXCEPTION WHEN OTHERS OR query_canceled THEN
    GET STACKED DIAGNOSTICS sqlstate_ = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    IF clock_timestamp() - began < answer_within THEN
      RAISE;
    END IF;
    PERFORM autoscaler.remember_start('rebalance', began, NULL, format('SQLSTATE %s: %s', sqlstate_, message));
    RETURN json_build_object('kind', 'failed', 'code', sqlstate_, 'message', message);
  END;
  PERFORM autoscaler.remember_start('rebalance', began, job, NULL);
  PERFORM autoscaler.remember_plan(strategy, CASE WHEN job IS NULL THEN 0 END, before);
  IF job IS NULL THEN
    RETURN json_build_object('kind', 'balanced');
  END IF;
  moves := (SELECT count(*) FROM pg_catalog.pg_dist_background_task WHERE job_id = job AND command ~ 'citus_move_shard_placement');
  RETURN json_build_object('kind', 'started', 'job', job, 'moves', moves);
END $$;

-- Makes a server a worker, once, however many sessions call this: {"kind": "added"}, or {"kind": "busy"} if another session adds one, or if
-- the number of workers is not the one that the decision was made for. Only a superuser may add a node, so the owner of this function must
-- be one. With citus.metadata_sync_mode = nontransactional no function can, and the app sends the plain statement. Errors are handled as in
-- start_rebalance.
CREATE FUNCTION autoscaler.add_worker(host text, port integer, workers bigint, answer_within interval) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = error AS $$
DECLARE
  began timestamptz := clock_timestamp();
  sqlstate_ text;
  message text;
BEGIN
  IF NOT pg_try_advisory_xact_lock(autoscaler.lock_key('add-worker')) OR autoscaler.count_workers() <> workers
    OR autoscaler.has_just_failed('add-worker', format('%s:%s: ', host, port)) THEN
    RETURN json_build_object('kind', 'busy');
  END IF;
  BEGIN
    -- Asked first: when citus_add_node itself can't connect, Citus fails the transaction at its end, and the error would not be stored.
    -- Without the right to add a node, citus_add_node says so.
    IF has_function_privilege('pg_catalog.citus_add_node'::regproc, 'EXECUTE') AND NOT pg_catalog.citus_check_connection_to_node(host, port) THEN
      RAISE EXCEPTION 'the coordinator can''t connect to it as %: check that role and pg_hba.conf there, firewalls, and citus.node_conninfo', current_user
        USING ERRCODE = '08006';
    END IF;
    PERFORM pg_catalog.citus_add_node(host, port);
    IF autoscaler.count_workers() <= workers THEN
      RAISE EXCEPTION 'it is a node of the cluster already, but may hold no shards (shouldhaveshards)' USING ERRCODE = '55000';
    END IF;
  EXCEPTION WHEN OTHERS OR query_canceled THEN
    GET STACKED DIAGNOSTICS sqlstate_ = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    IF clock_timestamp() - began < answer_within THEN
      RAISE;
    END IF;
    PERFORM autoscaler.remember_start('add-worker', began, NULL, format('%s:%s: SQLSTATE %s: %s', host, port, sqlstate_, message));
    RETURN json_build_object('kind', 'failed', 'code', sqlstate_, 'message', message);
  END;
  PERFORM autoscaler.remember_start('add-worker', began, NULL, NULL);
  RETURN json_build_object('kind', 'added');
END $$;

-- What the app needs to predict that a move will fail or wait (src/scaling/check-preflight.ts).
CREATE FUNCTION autoscaler.read_preflight() RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT json_build_object(
    'citusVersion', substring(citus_version() FROM 'Citus (\d+\.\d+\.\d+)'),
    'walLevel', current_setting('wal_level'),
    'inactiveWorkers', (SELECT coalesce(json_agg(node ORDER BY node_id), '[]') FROM autoscaler.nodes WHERE NOT active AND group_id <> 0),
    'outOfService', (SELECT coalesce(json_agg(node ORDER BY node_id), '[]') FROM autoscaler.out_of_service WHERE shard_groups > 0),
    'withoutReplicaIdentity', (
      SELECT coalesce(json_agg(logicalrelid::text ORDER BY logicalrelid::text), '[]')
      FROM pg_catalog.pg_dist_partition table_ JOIN pg_catalog.pg_class ON pg_class.oid = logicalrelid
      WHERE colocationid > 0 AND table_.repmodel <> 't' AND relkind <> 'p' AND CASE relreplident
        WHEN 'd' THEN NOT EXISTS (SELECT FROM pg_catalog.pg_index WHERE indrelid = logicalrelid AND indisprimary)
        WHEN 'i' THEN NOT EXISTS (SELECT FROM pg_catalog.pg_index WHERE indrelid = logicalrelid AND indisreplident)
        ELSE relreplident = 'n'
      END),
    'leftovers', (SELECT count(*) FROM pg_catalog.pg_dist_cleanup),
    'idleInTransactionTimeout', (SELECT setting::integer FROM pg_catalog.pg_settings WHERE name = 'idle_in_transaction_session_timeout'),
    'maxWorkerProcesses', current_setting('max_worker_processes')::integer,
    'maxReplicationSlots', current_setting('max_replication_slots')::integer,
    'executors', coalesce(current_setting('citus.max_background_task_executors', true), '1')::integer,
    'executorsPerNode', coalesce(current_setting('citus.max_background_task_executors_per_node', true), '1')::integer
  )
$$;

-- Free and total space of the workers' disks in bytes, and the percentage that must be free on a worker after a move to it. Every worker is
-- asked, which may take long; a worker that does not answer is left out.
CREATE FUNCTION autoscaler.read_disks() RETURNS json
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH disks (group_id, disk) AS (
    SELECT groupid, CASE WHEN success THEN result::json END
    FROM run_command_on_workers('SELECT row_to_json(s) FROM pg_catalog.citus_local_disk_space_stats() s')
    JOIN pg_catalog.pg_dist_node USING (nodename, nodeport)
    UNION ALL
    SELECT 0, row_to_json(s) FROM citus_local_disk_space_stats() s
  )
  SELECT json_build_object(
    'wantedPercent', coalesce(current_setting('citus.desired_percent_disk_available_after_move', true), '10')::integer,
    'disks', (
      SELECT coalesce(json_agg(json_build_object(
        'node', node, 'available', disk -> 'available_disk_size', 'total', disk -> 'total_disk_size') ORDER BY node_id), '[]')
      FROM autoscaler.nodes JOIN disks USING (group_id) WHERE is_worker AND disk IS NOT NULL))
$$;

-- The last scale-outs and rebalances in the catalogue and worker_count, newest first.
CREATE FUNCTION autoscaler.recent_history(most integer) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  growths json := '[]';
BEGIN
  IF to_regclass('public.worker_count') IS NOT NULL THEN
    growths := (SELECT coalesce(json_agg(c ORDER BY changed_at DESC), '[]') FROM (
      SELECT changed_at, before, workers FROM autoscaler.worker_changes(now() - interval '31 days', now()) WHERE workers > before
      ORDER BY changed_at DESC LIMIT most) c);
  END IF;
  RETURN json_build_object('growths', growths, 'rebalances', (
    SELECT coalesce(json_agg(r ORDER BY job DESC), '[]') FROM (
      SELECT j.job_id AS job, j.state::text AS state, j.started_at AS "startedAt", j.finished_at AS "finishedAt",
        (SELECT count(*) FROM pg_catalog.pg_dist_background_task t
         WHERE t.job_id = j.job_id AND command ~ 'citus_move_shard_placement') AS moves,
        (SELECT max(btrim(message, E' \n')) FROM pg_catalog.pg_dist_background_task t WHERE t.job_id = j.job_id AND t.status::text = 'error') AS error
      FROM pg_catalog.pg_dist_background_job j WHERE job_type = 'rebalance' ORDER BY j.job_id DESC LIMIT most) r));
END $$;

-- ---- tenants ----

-- Runs as the owner of this function, so that readers of the dashboard don't need pg_monitor, which would show them all query texts.
CREATE FUNCTION autoscaler.stat_tenants()
RETURNS TABLE (tenant text, colocation_id integer, node_id integer, queries integer, reads integer, cpu_seconds double precision)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenant_attribute, colocation_id, nodeid, query_count_in_last_period, read_count_in_last_period, cpu_usage_in_last_period
  FROM pg_catalog.citus_stat_tenants
$$;

-- Tenants in the last full period (citus.stat_tenants_period). Empty unless citus.stat_tenants_track is 'all'.
CREATE VIEW autoscaler.tenants AS
  SELECT t.tenant, t.colocation_id, autoscaler.address_of(n.nodename, n.nodeport) AS node, t.queries, t.reads, t.cpu_seconds,
    t.cpu_seconds / nullif(sum(t.cpu_seconds) OVER (PARTITION BY t.node_id), 0) AS share_of_node
  FROM autoscaler.stat_tenants() t
  JOIN pg_catalog.pg_dist_node n ON n.nodeid = t.node_id;

-- The two statements that give a tenant its own shard group and move that to another worker. They are only shown, not run. With
-- schema-based sharding a tenant already has its own shard group, so there is only the move.
CREATE FUNCTION autoscaler.isolation(tenant text, colocation integer, source text, target text) RETURNS TABLE (isolate text, move text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT
    CASE WHEN partmethod = 'h' THEN format('SELECT isolate_tenant_to_new_shard(%L, %L, ''CASCADE'');', name, tenant) END,
    CASE WHEN partmethod = 'h' THEN format('SELECT citus_move_shard_placement(get_shard_id_for_distribution_column(%L, %L), %L, %s, %L, %s);',
        name, tenant, hosts[1], ports[1], hosts[2], ports[2])
      ELSE format('SELECT citus_schema_move(%L, %L, %s);', tenant, hosts[2], ports[2]) END
  FROM (
    SELECT logicalrelid::text AS name, partmethod FROM pg_catalog.pg_dist_partition
    WHERE colocationid = colocation AND partmethod IN ('h', 'n') AND repmodel <> 't' ORDER BY logicalrelid::oid LIMIT 1
  ) one_table
  CROSS JOIN (
    SELECT array_agg(btrim(regexp_replace(node, ':\d+$', ''), '[]') ORDER BY place) AS hosts,
      array_agg(substring(node FROM '\d+$')::integer ORDER BY place) AS ports
    FROM unnest(ARRAY[source, target]) WITH ORDINALITY AS two (node, place)
  ) nodes
$$;

-- ---- load of the coordinator ----

-- Client sessions, and how many are allowed, without the connections reserved for superusers.
CREATE FUNCTION autoscaler.connections() RETURNS TABLE (used bigint, usable integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT (SELECT sum(numbackends)::bigint FROM pg_catalog.pg_stat_database),
    current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
$$;

-- Queries of this database since the counters began, by the number of shards that they touched. No row before Citus 13.1.
CREATE FUNCTION autoscaler.query_counters() RETURNS TABLE (single_shard bigint, multi_shard bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF to_regclass('pg_catalog.citus_stat_counters') IS NOT NULL THEN
    RETURN QUERY EXECUTE 'SELECT sum(query_execution_single_shard)::bigint, sum(query_execution_multi_shard)::bigint
      FROM pg_catalog.citus_stat_counters WHERE name = current_database()';
  END IF;
END $$;

-- Only the roles in 02-roles.sql may call functions that run as the owner.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA autoscaler FROM PUBLIC;

DO $$
BEGIN
  -- jobs of another superuser who ran this file before: a job's name is unique per owner only
  PERFORM cron.unschedule(jobid) FROM cron.job WHERE username <> current_user AND database = current_database()
    AND jobname IN ('worker-count', 'worker-count-retention', 'worker-count-log-retention', 'autoscaler-plan');
  PERFORM cron.schedule('worker-count', '5 seconds',
    'INSERT INTO public.worker_count (count) SELECT autoscaler.count_workers()');
  PERFORM cron.schedule('autoscaler-plan', '30 seconds', 'SELECT autoscaler.refresh_plan()');
  -- 17,280 rows a day here, and as many in pg_cron's own log
  PERFORM cron.schedule('worker-count-retention', '17 3 * * *', 'SELECT autoscaler.delete_old_counts()');
  PERFORM cron.schedule('worker-count-log-retention', '7 * * * *', 'SELECT autoscaler.delete_old_runs()');
EXCEPTION WHEN OTHERS THEN
  IF SQLERRM LIKE 'invalid schedule: 5 seconds%' THEN
    RAISE EXCEPTION 'pg_cron is too old: it has no schedules in seconds'
      USING HINT = 'Update to pg_cron 1.5 or newer, then run ALTER EXTENSION pg_cron UPDATE.';
  END IF;
  RAISE;
END $$;

COMMIT;
