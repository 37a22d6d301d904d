-- The nodes of the cluster.

-- Servers that do not answer: citus_add_node fails for them as for a real server that is down.
CREATE TABLE citus_stand_in.dead_server (nodename text, nodeport integer, PRIMARY KEY (nodename, nodeport));

CREATE FUNCTION pg_catalog.citus_set_coordinator_host(
  host text,
  port integer DEFAULT current_setting('port')::integer,
  node_role noderole DEFAULT 'primary',
  node_cluster name DEFAULT 'default'
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE pg_dist_node SET nodename = host, nodeport = port WHERE groupid = 0;
  IF NOT FOUND THEN
    INSERT INTO pg_dist_node (groupid, nodename, nodeport, hasmetadata, metadatasynced, shouldhaveshards)
    VALUES (0, host, port, true, true, false);
  END IF;
END $$;

CREATE FUNCTION pg_catalog.citus_add_node(
  nodename text,
  nodeport integer,
  groupid integer DEFAULT -1,
  noderole noderole DEFAULT 'primary',
  nodecluster name DEFAULT 'default'
) RETURNS integer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  id integer;
  stack text;
BEGIN
  PERFORM citus_stand_in.ensure_coordinator();
  GET DIAGNOSTICS stack = PG_CONTEXT;
  -- Refused inside another function, in a transaction of several statements, or in a query with several.
  IF current_setting('citus.metadata_sync_mode', true) = 'nontransactional'
     AND (stack LIKE E'%\n%' OR now() <> statement_timestamp() OR current_query() ~ ';\s*\S') THEN
    RAISE EXCEPTION 'do not add node in transaction block when the sync mode is nontransactional'
      USING ERRCODE = 'XX000', HINT = 'add the node after SET citus.metadata_sync_mode TO ''transactional''';
  END IF;
  LOCK TABLE pg_dist_node IN EXCLUSIVE MODE;
  SELECT nodeid INTO id FROM pg_dist_node n WHERE n.nodename = $1 AND n.nodeport = $2;
  IF FOUND THEN
    RETURN id;
  END IF;
  INSERT INTO pg_dist_node (groupid, nodename, nodeport, noderole, nodecluster, hasmetadata, metadatasynced, shouldhaveshards)
  VALUES (
    CASE $3 WHEN -1 THEN nextval('pg_dist_groupid_seq') ELSE $3 END, $1, $2, $4, $5, true, true, $3 <> 0
  ) RETURNING nodeid INTO id;
  IF EXISTS (SELECT FROM citus_stand_in.dead_server d WHERE d.nodename = $1 AND d.nodeport = $2) THEN
    RAISE EXCEPTION E'connection to the remote node %@%:% failed with the following error: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?',
      current_user, $1, $2 USING ERRCODE = 'connection_failure';
  END IF;
  RETURN id;
END $$;

CREATE FUNCTION pg_catalog.citus_check_connection_to_node(nodename text, nodeport integer DEFAULT 5432) RETURNS boolean
LANGUAGE sql STRICT AS $$
  SELECT NOT EXISTS (SELECT FROM citus_stand_in.dead_server d WHERE d.nodename = $1 AND d.nodeport = $2)
$$;

CREATE FUNCTION citus_stand_in.node_or_error(name text, port integer) RETURNS pg_dist_node LANGUAGE plpgsql AS $$
DECLARE
  node pg_dist_node;
BEGIN
  SELECT * INTO node FROM pg_dist_node WHERE nodename = name AND nodeport = port;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'node at "%:%" does not exist', name, port USING ERRCODE = 'XX000';
  END IF;
  RETURN node;
END $$;

CREATE FUNCTION pg_catalog.citus_remove_node(nodename text, nodeport integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  node pg_dist_node;
  last_shard record;
BEGIN
  PERFORM citus_stand_in.ensure_coordinator();
  node := citus_stand_in.node_or_error($1, $2);
  SELECT s.shardid, format('%I.%I', c.relnamespace::regnamespace, c.relname) AS relation INTO last_shard
  FROM pg_dist_placement p JOIN pg_dist_shard s USING (shardid) JOIN pg_class c ON c.oid = s.logicalrelid
  WHERE p.groupid = node.groupid
    AND NOT EXISTS (SELECT FROM pg_dist_placement o WHERE o.shardid = p.shardid AND o.groupid <> p.groupid)
  ORDER BY s.shardid LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'cannot remove or disable the node %:% because because it contains the only shard placement for shard %',
      $1, $2, last_shard.shardid
      USING ERRCODE = 'XX000',
        DETAIL = format('One of the table(s) that prevents the operation complete successfully is %s', last_shard.relation),
        HINT = 'To proceed, either drop the tables or use undistribute_table() function to convert them to local tables';
  END IF;
  DELETE FROM citus_stand_in.placement WHERE groupid = node.groupid;
  DELETE FROM pg_dist_node WHERE nodeid = node.nodeid;
END $$;

CREATE FUNCTION pg_catalog.citus_set_node_property(nodename text, nodeport integer, property text, value boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  node pg_dist_node := citus_stand_in.node_or_error($1, $2);
BEGIN
  IF property <> 'shouldhaveshards' THEN
    RAISE EXCEPTION 'only the ''shouldhaveshards'' property can be set using this function' USING ERRCODE = 'XX000';
  END IF;
  UPDATE pg_dist_node SET shouldhaveshards = value WHERE nodeid = node.nodeid;
END $$;

REVOKE ALL ON FUNCTION citus_set_coordinator_host, citus_add_node, citus_remove_node, citus_set_node_property FROM PUBLIC;

-- A coordinator that holds no shards, and workers worker-1, worker-2, …
CREATE FUNCTION citus_stand_in.create_cluster(workers integer) RETURNS void LANGUAGE sql AS $$
  SELECT citus_set_coordinator_host('coordinator', 5432);
  SELECT citus_add_node('worker-' || i, 5432) FROM generate_series(1, workers) i;
$$;

-- Disks that differ from the default, 100 GB with four fifths free.
CREATE TABLE citus_stand_in.disk (
  nodename text, nodeport integer, available bigint NOT NULL, total bigint NOT NULL, PRIMARY KEY (nodename, nodeport));

CREATE FUNCTION pg_catalog.citus_local_disk_space_stats(OUT available_disk_size bigint, OUT total_disk_size bigint)
LANGUAGE sql SECURITY DEFINER AS $$
  SELECT coalesce(max(available), 80000000000), coalesce(max(total), 100000000000) FROM citus_stand_in.disk
  WHERE format('%s:%s', nodename, nodeport) = current_setting('citus_stand_in.node', true)
$$;

-- All data is in this database, so every worker's answer comes from here; citus_stand_in.node says for which worker.
CREATE FUNCTION pg_catalog.run_command_on_workers(
  command text, parallel boolean DEFAULT true, OUT nodename text, OUT nodeport integer, OUT success boolean, OUT result text
) RETURNS SETOF record LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  FOR nodename, nodeport IN
    SELECT n.nodename, n.nodeport FROM pg_dist_node n WHERE groupid <> 0 AND isactive AND noderole = 'primary' ORDER BY nodeid
  LOOP
    success := NOT EXISTS (
      SELECT FROM citus_stand_in.dead_server d
      WHERE (d.nodename, d.nodeport) = (run_command_on_workers.nodename, run_command_on_workers.nodeport));
    IF success THEN
      PERFORM set_config('citus_stand_in.node', format('%s:%s', run_command_on_workers.nodename, run_command_on_workers.nodeport), true);
      EXECUTE command INTO result;
    ELSE
      result := format('failed to connect to %s:%s', run_command_on_workers.nodename, run_command_on_workers.nodeport);
    END IF;
    RETURN NEXT;
  END LOOP;
  PERFORM set_config('citus_stand_in.node', '', true);
END $$;
