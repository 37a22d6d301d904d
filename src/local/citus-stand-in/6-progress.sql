-- Progress of a running rebalance.

CREATE FUNCTION pg_catalog.get_rebalance_progress() RETURNS TABLE (
  sessionid integer, table_name regclass, shardid bigint, shard_size bigint, sourcename text, sourceport integer,
  targetname text, targetport integer, progress bigint, source_shard_size bigint, target_shard_size bigint,
  operation_type text, source_lsn pg_lsn, target_lsn pg_lsn, status text
) LANGUAGE sql STABLE SECURITY DEFINER AS $$
  SELECT
    (100000 + t.task_id)::integer, s.logicalrelid, s.shardid, size.bytes, source.nodename, source.nodeport,
    target.nodename, target.nodeport, 1, size.bytes, (size.bytes * share)::bigint, 'move', pg_current_wal_lsn(), NULL::pg_lsn,
    CASE WHEN share < 0.1 THEN 'Setting Up' WHEN share < 0.9 THEN 'Copying Data' ELSE 'Completing' END
  FROM citus_stand_in.task_now t
  JOIN pg_dist_node source ON source.nodeid = t.nodes_involved[1]
  JOIN pg_dist_node target ON target.nodeid = t.nodes_involved[2]
  JOIN pg_dist_shard s ON s.shardid = ANY (t.shard_ids)
  CROSS JOIN LATERAL (SELECT citus_stand_in.shard_bytes(s.logicalrelid) AS bytes) size
  CROSS JOIN LATERAL (SELECT extract(epoch FROM t.now - t.starts_at) / extract(epoch FROM t.ends_at - t.starts_at) AS share) done
  WHERE t.status = 'running'
  ORDER BY s.shardid
$$;

CREATE FUNCTION citus_stand_in.task_details(task pg_dist_background_task, raw boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'state', task.status, 'retried', task.retry_count, 'message', task.message, 'command', task.command, 'task_id', task.task_id
  ) || coalesce((
    SELECT jsonb_build_object(
      'phase', min(p.status),
      'hosts', jsonb_build_object('source', min(p.sourcename || ':' || p.sourceport), 'target', min(p.targetname || ':' || p.targetport)),
      'size', CASE WHEN raw
        THEN jsonb_build_object('source', sum(p.source_shard_size), 'target', sum(p.target_shard_size))
        ELSE jsonb_build_object('source', pg_size_pretty(sum(p.source_shard_size)), 'target', pg_size_pretty(sum(p.target_shard_size))) END,
      'LSN', jsonb_build_object('source', max(p.source_lsn), 'target', NULL, 'lag', NULL))
    FROM get_rebalance_progress() p WHERE p.sessionid = task.pid HAVING count(*) > 0
  ), '{}')
$$;

CREATE FUNCTION pg_catalog.citus_rebalance_status(raw boolean DEFAULT false) RETURNS TABLE (
  job_id bigint, state citus_job_status, job_type name, description text,
  started_at timestamptz, finished_at timestamptz, details jsonb
) LANGUAGE sql STABLE AS $$
  SELECT j.job_id, j.state, j.job_type, j.description, j.started_at, j.finished_at, jsonb_build_object(
    'tasks', coalesce((
      SELECT jsonb_agg(citus_stand_in.task_details(t, raw) ORDER BY t.task_id) FROM pg_dist_background_task t
      WHERE t.job_id = j.job_id
        AND (t.status IN ('running', 'error') OR t.status = 'runnable' AND t.retry_count > 0)), '[]'),
    'task_state_counts', (
      SELECT jsonb_object_agg(status, count) FROM (
        SELECT status, count(*) FROM pg_dist_background_task t WHERE t.job_id = j.job_id GROUP BY status) counts))
  FROM pg_dist_background_job j WHERE j.job_type = 'rebalance' ORDER BY j.job_id DESC LIMIT 1
$$;
