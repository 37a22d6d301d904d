-- The background job of a rebalance.

-- How often a failing move has been tried: 0 s, 5 s, 25 s, 85 s, 145 s, … after the first try.
CREATE FUNCTION citus_stand_in.tries(since timestamptz, now timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN s < 0 THEN 0 WHEN s < 5 THEN 1 WHEN s < 25 THEN 2 ELSE least(33, 3 + floor((s - 25) / 60)) END
  FROM extract(epoch FROM now - since) AS s
$$;
CREATE FUNCTION citus_stand_in.next_try(since timestamptz, tries integer) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT since + make_interval(secs => CASE tries WHEN 0 THEN 0 WHEN 1 THEN 5 ELSE 25 + 60 * (tries - 2) END)
$$;

CREATE VIEW citus_stand_in.task_now AS
  WITH tried AS (
    SELECT t.*, job.cancelled_at, now, coalesce(citus_stand_in.tries(fails_since, least(now, cancelled_at)), 0) AS tries
    FROM citus_stand_in.task t JOIN citus_stand_in.job USING (job_id), citus_stand_in.clock() AS now
  ), waiting AS (
    -- the earliest unfinished task that this one must wait for
    SELECT *, (
      SELECT before.task_id FROM citus_stand_in.task before
      WHERE before.job_id = tried.job_id AND before.task_id < tried.task_id AND before.ends_at > now
        AND (before.colocation_id IS NULL OR before.colocation_id = tried.colocation_id)
      ORDER BY before.task_id LIMIT 1) AS waits_for
    FROM tried
  )
  SELECT *, CASE
    WHEN ends_at <= now THEN 'done'
    WHEN cancelled_at <= now THEN 'cancelled'
    WHEN tries > 32 THEN 'error'
    WHEN starts_at <= now THEN 'running'
    WHEN waits_for IS NULL THEN 'runnable'
    WHEN (SELECT w.tries FROM tried w WHERE w.task_id = waits_for) > 32 THEN 'unscheduled'
    ELSE 'blocked'
  END::citus_task_status AS status
  FROM waiting;

-- The same as a function, whose plan a session keeps: the views below are used many times in one query, and PostgreSQL would plan all of the
-- above each time.
CREATE FUNCTION citus_stand_in.tasks_now() RETURNS SETOF citus_stand_in.task_now LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN QUERY SELECT * FROM citus_stand_in.task_now;
END $$;

CREATE VIEW pg_catalog.pg_dist_background_task AS
  SELECT
    job_id, task_id, owner,
    -- as in the real Citus: 0 before the first try
    CASE WHEN status = 'running' THEN 100000 + task_id WHEN status <> 'done' AND tries + retry_count = 0 THEN 0 END::integer AS pid,
    status, command,
    tries + retry_count AS retry_count,
    CASE WHEN tries > 32 THEN NULL WHEN tries > 0 THEN citus_stand_in.next_try(fails_since, tries) ELSE not_before END
      AS not_before,
    CASE WHEN status = 'done' THEN E'SELECT 1\n' WHEN fails_since <= now OR retry_count > 0 THEN message ELSE '' END AS message,
    nodes_involved
  FROM citus_stand_in.tasks_now();

CREATE VIEW citus_stand_in.job_now AS
  SELECT
    j.job_id,
    CASE
      WHEN j.cancelled_at IS NOT NULL THEN 'cancelled'
      WHEN t.done = t.total THEN 'finished'
      WHEN t.failed AND t.going_on THEN 'failing'
      WHEN t.failed THEN 'failed'
      WHEN t.started_at IS NULL THEN 'scheduled'
      ELSE 'running'
    END::citus_job_status AS state,
    j.job_type, j.description, t.started_at,
    CASE WHEN j.cancelled_at IS NOT NULL THEN j.cancelled_at
      WHEN t.done = t.total THEN t.last_end
      WHEN t.failed AND NOT t.going_on THEN t.last_try END AS finished_at
  FROM citus_stand_in.job j
  JOIN (
    SELECT job_id, count(*) AS total, count(*) FILTER (WHERE status = 'done') AS done, max(ends_at) AS last_end,
      bool_or(status = 'error') AS failed, max(citus_stand_in.next_try(fails_since, 32)) AS last_try,
      bool_or(status IN ('blocked', 'runnable', 'running')) AS going_on,
      min(least(starts_at, fails_since)) FILTER (WHERE least(starts_at, fails_since) <= least(now, cancelled_at)) AS started_at
    FROM citus_stand_in.tasks_now() GROUP BY job_id
  ) t USING (job_id);

CREATE FUNCTION citus_stand_in.jobs_now() RETURNS SETOF citus_stand_in.job_now LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN QUERY SELECT * FROM citus_stand_in.job_now;
END $$;

CREATE VIEW pg_catalog.pg_dist_background_job AS SELECT * FROM citus_stand_in.jobs_now();

GRANT SELECT ON pg_dist_background_job, pg_dist_background_task TO PUBLIC;

-- When each unfinished task of a job starts and ends: one after another from the given time on. With an error, tasks that could
-- start now fail instead, at every try.
CREATE FUNCTION citus_stand_in.schedule(job bigint, from_time timestamptz, error text DEFAULT NULL)
RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
  WITH unfinished AS (
    SELECT task_id, waits_for IS NULL AS first, make_interval(secs => seconds_per_move) AS duration,
      row_number() OVER (ORDER BY task_id) AS place,
      greatest(from_time, max(citus_stand_in.next_try(fails_since, tries)) OVER ()) AS start,
      tries, citus_stand_in.next_try(fails_since, tries) AS next_try
    FROM citus_stand_in.task_now, citus_stand_in.settings WHERE job_id = job AND ends_at > from_time
  )
  UPDATE citus_stand_in.task t SET
    starts_at = CASE WHEN error IS NULL THEN u.start + (u.place - 1) * u.duration ELSE 'infinity' END,
    ends_at = CASE WHEN error IS NULL THEN u.start + u.place * u.duration ELSE 'infinity' END,
    fails_since = CASE WHEN error IS NOT NULL AND u.first THEN from_time END,
    message = CASE WHEN error IS NOT NULL AND u.first THEN error ELSE t.message END,
    retry_count = t.retry_count + u.tries,
    not_before = coalesce(u.next_try, t.not_before)
  FROM unfinished u WHERE t.task_id = u.task_id
$$;

CREATE FUNCTION citus_stand_in.create_job(moves jsonb, mode text, owner name) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  job bigint := nextval('pg_dist_background_job_job_id_seq');
  move record;
  task bigint;
  shards bigint[];
BEGIN
  INSERT INTO citus_stand_in.job VALUES (job, 'rebalance', 'Rebalance all colocation groups');

  -- The first rebalance copies reference tables to a new node.
  shards := ARRAY(SELECT DISTINCT shardid FROM citus_stand_in.missing_reference_placements());
  IF shards <> '{}' THEN
    INSERT INTO citus_stand_in.task (job_id, owner, command, shard_ids)
    VALUES (job, owner::regrole, format('SELECT pg_catalog.replicate_reference_tables(%L)', mode), shards)
    RETURNING task_id INTO task;
    INSERT INTO citus_stand_in.placement (shardid, groupid, created_by)
    SELECT shardid, groupid, task FROM citus_stand_in.missing_reference_placements();
  END IF;

  FOR move IN SELECT * FROM jsonb_to_recordset(moves) AS m (step bigint, shard bigint, source_node integer, target_node integer)
              ORDER BY step LOOP
    shards := ARRAY(SELECT shardid FROM citus_stand_in.shard_group(move.shard) ORDER BY shardid);
    INSERT INTO citus_stand_in.task (job_id, owner, command, colocation_id, nodes_involved, shard_ids)
    SELECT job, owner::regrole,
      format('SELECT pg_catalog.citus_move_shard_placement(%s,%s,%s,%L)', move.shard, move.source_node, move.target_node, mode),
      t.colocationid, ARRAY[move.source_node, move.target_node], shards
    FROM pg_dist_shard s JOIN pg_dist_partition t USING (logicalrelid) WHERE s.shardid = move.shard
    RETURNING task_id INTO task;
    -- the newest placement at the source, which an earlier task of this job may not have created yet
    UPDATE citus_stand_in.placement p SET removed_by = task
    FROM pg_dist_node n
    WHERE n.nodeid = move.source_node AND p.groupid = n.groupid AND p.shardid = ANY (shards)
      AND p.placementid = (SELECT max(o.placementid) FROM citus_stand_in.placement o
                           WHERE o.shardid = p.shardid AND o.groupid = p.groupid);
    INSERT INTO citus_stand_in.placement (shardid, groupid, created_by)
    SELECT shard, n.groupid, task FROM unnest(shards) shard, pg_dist_node n WHERE n.nodeid = move.target_node;
  END LOOP;

  IF NOT (SELECT has_background_workers FROM citus_stand_in.settings) THEN
    RETURN job;
  END IF;
  PERFORM citus_stand_in.schedule(job, citus_stand_in.clock(), coalesce(
    CASE WHEN (SELECT groupid FROM pg_dist_local_group) <> 0 THEN
      E'ERROR: operation is not allowed on this node\nHINT: Connect to the coordinator and run it again.\n' END,
    (SELECT error FROM citus_stand_in.fault)));
  RETURN job;
END $$;

CREATE FUNCTION citus_stand_in.missing_reference_placements() RETURNS TABLE (shardid bigint, groupid integer) LANGUAGE sql STABLE AS $$
  SELECT s.shardid, n.groupid
  FROM pg_dist_shard s JOIN pg_dist_partition t USING (logicalrelid), pg_dist_node n
  WHERE t.repmodel = 't' AND n.noderole = 'primary' AND n.isactive
    AND NOT EXISTS (SELECT FROM pg_dist_placement p WHERE p.shardid = s.shardid AND p.groupid = n.groupid)
$$;

-- While there is a row in this table, every move fails with its error.
CREATE TABLE citus_stand_in.fault (error text NOT NULL);

-- From now on every move fails with this error, including the one that is running.
CREATE FUNCTION citus_stand_in.break_moves(error text) RETURNS void LANGUAGE sql AS $$
  TRUNCATE citus_stand_in.fault;
  INSERT INTO citus_stand_in.fault VALUES (error);
  SELECT citus_stand_in.schedule(job_id, citus_stand_in.clock(), error) FROM pg_dist_background_job
  WHERE state IN ('scheduled', 'running');
$$;
-- What has failed succeeds at the next try.
CREATE FUNCTION citus_stand_in.repair_moves() RETURNS void LANGUAGE sql AS $$
  TRUNCATE citus_stand_in.fault;
  SELECT citus_stand_in.schedule(job_id, citus_stand_in.clock()) FROM pg_dist_background_job
  WHERE state IN ('scheduled', 'running');
$$;

CREATE FUNCTION citus_stand_in.ensure_replica_identity(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  class pg_class;
BEGIN
  SELECT * INTO class FROM pg_class WHERE oid = relation;
  IF class.relreplident IN ('d', 'n') AND NOT EXISTS (
    SELECT FROM pg_index WHERE indrelid = relation AND indisprimary AND class.relreplident = 'd') THEN
    RAISE EXCEPTION 'cannot use logical replication to transfer shards of the relation % since it doesn''t have a REPLICA IDENTITY or PRIMARY KEY',
      class.relname USING ERRCODE = '0A000',
      DETAIL = 'UPDATE and DELETE commands on the shard will error out during logical replication unless there is a REPLICA IDENTITY or PRIMARY KEY.',
      HINT = 'If you wish to continue without a replica identity set the shard_transfer_mode to ''force_logical'' or ''block_writes''.';
  END IF;
END $$;

CREATE FUNCTION pg_catalog.citus_rebalance_start(
  rebalance_strategy name DEFAULT NULL,
  drain_only boolean DEFAULT false,
  shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto',
  parallel_transfer_reference_tables boolean DEFAULT false,
  parallel_transfer_colocated_shards boolean DEFAULT false
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  strategy pg_dist_rebalance_strategy := citus_stand_in.strategy(rebalance_strategy);
  anchor record;
  relation regclass;
  job bigint;
  moves jsonb;
  monitor CONSTANT text := 'To monitor progress, run: SELECT * FROM citus_rebalance_status();';
BEGIN
  IF NOT EXISTS (SELECT FROM citus_stand_in.anchors()) THEN
    RAISE NOTICE 'No tables to rebalance';
    RETURN NULL;
  END IF;
  FOR anchor IN SELECT * FROM citus_stand_in.anchors() LOOP
    IF NOT pg_try_advisory_xact_lock('citus_stand_in'::regnamespace::oid::integer, anchor.colocation_id) THEN
      RAISE EXCEPTION 'could not acquire the lock required to % %', CASE WHEN drain_only THEN 'move' ELSE 'rebalance' END,
        (SELECT format('%I.%I', relnamespace::regnamespace, relname) FROM pg_class WHERE oid = anchor.relation)
        USING ERRCODE = 'XX000', DETAIL = 'It means that either a concurrent shard move or shard copy is happening.',
          HINT = 'Make sure that the concurrent operation has finished and re-run the command';
    END IF;
  END LOOP;
  SELECT job_id INTO job FROM pg_dist_background_job WHERE job_type = 'rebalance' AND finished_at IS NULL;
  IF FOUND THEN
    RAISE EXCEPTION 'A rebalance is already running as job %', job USING ERRCODE = 'XX000',
      DETAIL = 'A rebalance was already scheduled as background job', HINT = monitor;
  END IF;
  FOR relation IN SELECT logicalrelid FROM pg_dist_partition WHERE partmethod <> 'n' ORDER BY colocationid, logicalrelid LOOP
    IF NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = relation), 'USAGE') THEN
      RAISE EXCEPTION 'must be owner of table %', (SELECT relname FROM pg_class WHERE oid = relation) USING ERRCODE = '42501';
    END IF;
  END LOOP;

  PERFORM citus_stand_in.ensure_target();
  moves := (SELECT jsonb_agg(p) FROM citus_stand_in.plan(NULL, strategy, strategy.default_threshold, drain_only) p);
  IF moves IS NULL THEN
    RAISE NOTICE 'No moves available for rebalancing';
    RETURN NULL;
  END IF;
  IF shard_transfer_mode = 'auto' THEN
    PERFORM citus_stand_in.ensure_replica_identity(g.relation)
    FROM jsonb_array_elements(moves) m, citus_stand_in.shard_group((m ->> 'shard')::bigint) g;
  END IF;
  job := citus_stand_in.create_job(moves, shard_transfer_mode::text, current_user);
  RAISE NOTICE 'Scheduled % moves as job %', jsonb_array_length(moves), job
    USING DETAIL = 'Rebalance scheduled as background job', HINT = monitor;
  RETURN job;
END $$;

CREATE FUNCTION citus_stand_in.cancel(job bigint) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
  UPDATE citus_stand_in.task SET ends_at = 'infinity' WHERE job_id = job AND ends_at > citus_stand_in.clock();
  UPDATE citus_stand_in.job SET cancelled_at = citus_stand_in.clock() WHERE job_id = $1;
$$;

CREATE FUNCTION pg_catalog.citus_rebalance_stop() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  job bigint := (SELECT job_id FROM pg_dist_background_job WHERE job_type = 'rebalance' AND finished_at IS NULL);
BEGIN
  IF job IS NULL THEN
    RAISE EXCEPTION 'no ongoing rebalance that can be stopped' USING ERRCODE = 'XX000';
  END IF;
  PERFORM citus_stand_in.ensure_coordinator();
  PERFORM citus_stand_in.cancel(job);
END $$;
