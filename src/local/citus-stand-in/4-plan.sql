-- Which shards a rebalance would move, as in Citus's greedy planner: for each colocation group, from the fullest node to the
-- emptiest, until all are within the strategy's threshold of the mean.

CREATE FUNCTION pg_catalog.citus_shard_cost_1(bigint) RETURNS real LANGUAGE sql AS 'SELECT 1::real';
CREATE FUNCTION pg_catalog.citus_node_capacity_1(integer) RETURNS real LANGUAGE sql AS 'SELECT 1::real';
CREATE FUNCTION pg_catalog.citus_shard_allowed_on_node_true(bigint, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';
-- The bytes of the shard and of those colocated with it, plus 100 MB for each (citus.rebalancer_by_disk_size_base_cost).
CREATE FUNCTION pg_catalog.citus_shard_cost_by_disk_size(shardid bigint) RETURNS real LANGUAGE sql STABLE AS $$
  SELECT (100 * 1024 * 1024 + sum(citus_stand_in.shard_bytes(other.logicalrelid)))::real
  FROM pg_dist_shard s
  JOIN pg_dist_partition t USING (logicalrelid)
  JOIN pg_dist_partition other USING (colocationid)
  WHERE s.shardid = $1 AND (colocationid <> 0 OR other.logicalrelid = t.logicalrelid)
$$;

CREATE TABLE pg_catalog.pg_dist_rebalance_strategy (
  name name UNIQUE NOT NULL,
  default_strategy boolean NOT NULL DEFAULT false,
  shard_cost_function regproc NOT NULL,
  node_capacity_function regproc NOT NULL,
  shard_allowed_on_node_function regproc NOT NULL,
  default_threshold real NOT NULL,
  minimum_threshold real NOT NULL DEFAULT 0,
  improvement_threshold real NOT NULL DEFAULT 0
);
GRANT SELECT ON pg_dist_rebalance_strategy TO PUBLIC;
INSERT INTO pg_dist_rebalance_strategy VALUES
  ('by_shard_count', false, 'citus_shard_cost_1', 'citus_node_capacity_1', 'citus_shard_allowed_on_node_true', 0, 0, 0),
  ('by_disk_size', true, 'citus_shard_cost_by_disk_size', 'citus_node_capacity_1', 'citus_shard_allowed_on_node_true', 0.1, 0.01, 0.5);

CREATE FUNCTION citus_stand_in.strategy(wanted name) RETURNS pg_dist_rebalance_strategy LANGUAGE plpgsql STABLE AS $$
DECLARE
  found pg_dist_rebalance_strategy;
BEGIN
  SELECT * INTO found FROM pg_dist_rebalance_strategy
  WHERE CASE WHEN wanted IS NULL THEN default_strategy ELSE name = wanted END;
  IF found.name IS NULL THEN
    RAISE EXCEPTION 'could not find rebalance strategy with name %', wanted USING ERRCODE = 'XX000';
  END IF;
  RETURN found;
END $$;

-- The moves within one set of shards that is balanced on its own. Moves away from a node that may hold no shards are phase 1.
-- Nodes and shards are positions in the arrays.
CREATE FUNCTION citus_stand_in.moves_of(shards bigint[], strategy pg_dist_rebalance_strategy, threshold real, drain_only boolean)
RETURNS TABLE (phase integer, step integer, shard bigint, source_node integer, target_node integer)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_variable
DECLARE
  nodes integer[]; groups integer[]; capacity real[]; total real[];
  costs real[]; place integer[];
  lowest real; highest real;
  s integer; t integer; found boolean;
BEGIN
  EXECUTE format('SELECT array_agg(nodeid), array_agg(groupid), array_agg(CASE WHEN shouldhaveshards THEN %s(nodeid) ELSE 0 END)
    FROM (SELECT * FROM pg_dist_node WHERE noderole = ''primary'' AND isactive ORDER BY nodeid) n', strategy.node_capacity_function)
  INTO nodes, groups, capacity;
  EXECUTE format('SELECT array_agg(shardid), array_agg(cost), array_agg(place) FROM (
      SELECT shardid, %s(shardid) AS cost, array_position($2, groupid) AS place
      FROM unnest($1) AS given(shardid) JOIN pg_dist_placement USING (shardid) ORDER BY 2 DESC, 1) sorted',
    strategy.shard_cost_function)
  USING shards, groups INTO shards, costs, place;
  total := ARRAY(SELECT coalesce(sum(costs[i]) FILTER (WHERE place[i] = n), 0)
                 FROM generate_subscripts(nodes, 1) n LEFT JOIN generate_subscripts(shards, 1) i ON true GROUP BY n ORDER BY n);
  lowest := (1 - threshold) * (SELECT sum(c) FROM unnest(total) c) / (SELECT sum(c) FROM unnest(capacity) c);
  highest := (1 + threshold) * (SELECT sum(c) FROM unnest(total) c) / (SELECT sum(c) FROM unnest(capacity) c);
  step := 0;

  phase := 1;
  FOR i IN 1 .. cardinality(shards) LOOP
    CONTINUE WHEN capacity[place[i]] > 0;
    t := (SELECT n FROM generate_subscripts(nodes, 1) n WHERE capacity[n] > 0
          ORDER BY total[n] / capacity[n], capacity[n] DESC, nodes[n] LIMIT 1);
    step := step + 1; shard := shards[i]; source_node := nodes[place[i]]; target_node := nodes[t];
    RETURN NEXT;
    total[place[i]] := total[place[i]] - costs[i];
    total[t] := total[t] + costs[i];
    place[i] := t;
  END LOOP;

  phase := 2;
  found := NOT drain_only;
  WHILE found LOOP
    found := false;
    <<search>>
    FOR s IN SELECT n FROM generate_subscripts(nodes, 1) n WHERE capacity[n] > 0
             ORDER BY total[n] / capacity[n] DESC, capacity[n], nodes[n] DESC LOOP
      EXIT WHEN total[s] / capacity[s] <= lowest;
      FOR t IN SELECT n FROM generate_subscripts(nodes, 1) n WHERE capacity[n] > 0
               ORDER BY total[n] / capacity[n], capacity[n] DESC, nodes[n] LOOP
        EXIT WHEN total[t] / capacity[t] >= highest;
        EXIT WHEN total[t] / capacity[t] >= lowest AND total[s] / capacity[s] <= highest;
        FOR i IN 1 .. cardinality(shards) LOOP
          CONTINUE WHEN place[i] <> s OR NOT citus_stand_in.better(
            total[s] / capacity[s], total[t] / capacity[t],
            (total[s] - costs[i]) / capacity[s], (total[t] + costs[i]) / capacity[t], strategy.improvement_threshold);
          found := true;
          step := step + 1; shard := shards[i]; source_node := nodes[s]; target_node := nodes[t];
          RETURN NEXT;
          total[s] := total[s] - costs[i];
          total[t] := total[t] + costs[i];
          place[i] := t;
          EXIT search;
        END LOOP;
      END LOOP;
    END LOOP;
  END LOOP;
END $$;

-- Whether a move improves utilisation by enough.
CREATE FUNCTION citus_stand_in.better(source real, target real, new_source real, new_target real, worth real)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN new_target <= new_source THEN true
    WHEN new_target > source OR (new_target = source AND new_source <= target) THEN false
    ELSE greatest(source - new_target, new_source - target) / least(new_target - target, source - new_source) >= worth
  END
$$;

-- One distributed table of each colocation group: moving its shards moves those of the others. Tables without a group are listed one by one.
CREATE FUNCTION citus_stand_in.anchors() RETURNS TABLE (relation regclass, colocation_id integer) LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (colocationid, CASE colocationid WHEN 0 THEN logicalrelid::oid END) logicalrelid, colocationid
  FROM pg_dist_partition
  WHERE partmethod <> 'n' ORDER BY colocationid, CASE colocationid WHEN 0 THEN logicalrelid::oid END, logicalrelid
$$;

CREATE FUNCTION citus_stand_in.plan(
  only_relation regclass, strategy pg_dist_rebalance_strategy, threshold real, drain_only boolean, excluded bigint[] DEFAULT '{}')
RETURNS TABLE (step bigint, shard bigint, source_node integer, target_node integer) LANGUAGE sql STABLE AS $$
  WITH groups AS (
    SELECT min(s.shardid) AS first_shard, array_agg(s.shardid) AS shards, count(*) >= (
      SELECT count(*) FROM pg_dist_node WHERE noderole = 'primary' AND isactive AND shouldhaveshards) AS enough
    FROM citus_stand_in.anchors() a
    JOIN pg_dist_shard s ON s.logicalrelid = coalesce(only_relation, a.relation)
    WHERE s.shardid <> ALL (excluded) AND (only_relation IS NULL OR a.relation = only_relation
      OR a.colocation_id = nullif((SELECT colocationid FROM pg_dist_partition WHERE logicalrelid = only_relation), 0))
    GROUP BY a.relation
  ),
  -- all groups with fewer shards than nodes are spread together, as one
  sets AS (
    SELECT first_shard, shards FROM groups WHERE enough
    UNION ALL
    SELECT max(first_shard) + 1e9::bigint, array_agg(shard) FROM groups, unnest(shards) shard WHERE NOT enough HAVING count(*) > 0
  )
  SELECT row_number() OVER (ORDER BY m.phase, sets.first_shard, m.step), m.shard, m.source_node, m.target_node
  FROM sets, citus_stand_in.moves_of(sets.shards, strategy, threshold, drain_only) m
$$;

CREATE FUNCTION citus_stand_in.ensure_target() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_dist_node WHERE noderole = 'primary' AND isactive AND shouldhaveshards) THEN
    RAISE EXCEPTION 'Shard replication factor (1) cannot be greater than number of nodes with should_have_shards=true (0).' USING ERRCODE = 'XX000';
  END IF;
END $$;

-- A shard and the shards that move with it.
CREATE FUNCTION citus_stand_in.shard_group(shard bigint) RETURNS TABLE (relation regclass, shardid bigint) LANGUAGE sql STABLE AS $$
  SELECT other.logicalrelid, other.shardid
  FROM pg_dist_shard s
  JOIN pg_dist_partition t USING (logicalrelid)
  JOIN pg_dist_partition sibling USING (colocationid)
  JOIN pg_dist_shard other ON other.logicalrelid = sibling.logicalrelid
    AND CASE colocationid WHEN 0 THEN other.shardid = s.shardid ELSE other.shardminvalue = s.shardminvalue END
  WHERE s.shardid = shard
$$;

CREATE FUNCTION pg_catalog.get_rebalance_table_shards_plan(
  relation regclass DEFAULT NULL,
  threshold real DEFAULT NULL,
  max_shard_moves integer DEFAULT 1000000,
  excluded_shard_list bigint[] DEFAULT '{}',
  drain_only boolean DEFAULT false,
  rebalance_strategy name DEFAULT NULL,
  improvement_threshold real DEFAULT NULL
) RETURNS TABLE (table_name regclass, shardid bigint, shard_size bigint,
                 sourcename text, sourceport integer, targetname text, targetport integer)
LANGUAGE sql STABLE AS $$
  SELECT citus_stand_in.ensure_target();
  SELECT g.relation, g.shardid, 0::bigint, source.nodename, source.nodeport, target.nodename, target.nodeport
  FROM citus_stand_in.strategy(rebalance_strategy) s,
    citus_stand_in.plan(relation, s, coalesce(threshold, s.default_threshold), drain_only, excluded_shard_list) p,
    citus_stand_in.shard_group(p.shard) g, pg_dist_node source, pg_dist_node target
  WHERE source.nodeid = p.source_node AND target.nodeid = p.target_node AND p.step <= max_shard_moves
  ORDER BY p.step, g.shardid
$$;
