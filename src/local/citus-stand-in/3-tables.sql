-- Which tables are distributed, and into which shards.

CREATE FUNCTION citus_stand_in.create_shards(relation regclass, colocation integer, shard_count integer)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  like_table regclass := (SELECT logicalrelid FROM pg_dist_partition WHERE colocationid = colocation
                          ORDER BY logicalrelid LIMIT 1);
  groups integer[] := ARRAY(SELECT groupid FROM pg_dist_node WHERE noderole = 'primary' AND isactive AND shouldhaveshards
                            ORDER BY nodename, nodeport);
  width bigint := 4294967296 / shard_count;
  low bigint;
  shard bigint;
BEGIN
  IF groups = '{}' THEN
    RAISE EXCEPTION 'couldn''t find any worker nodes' USING ERRCODE = '55000', HINT = 'Add more worker nodes';
  END IF;
  FOR i IN 0 .. shard_count - 1 LOOP
    low := -2147483648 + i * width;
    shard := nextval('pg_dist_shardid_seq');
    INSERT INTO citus_stand_in.placement (shardid, groupid)
    SELECT shard, coalesce(p.groupid, groups[1 + i % cardinality(groups)])
    FROM (SELECT) one
    LEFT JOIN (pg_dist_shard s JOIN pg_dist_placement p USING (shardid))
      ON s.logicalrelid = like_table AND s.shardminvalue = low::text;
    INSERT INTO pg_dist_shard VALUES
      (relation, shard, 't', low, CASE i WHEN shard_count - 1 THEN 2147483647 ELSE low + width - 1 END);
  END LOOP;
END $$;

CREATE FUNCTION citus_stand_in.ensure_may_distribute(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text := (SELECT relname FROM pg_class WHERE oid = relation);
BEGIN
  PERFORM citus_stand_in.ensure_coordinator();
  IF NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = relation), 'USAGE') THEN
    RAISE EXCEPTION 'must be owner of table %', name USING ERRCODE = '42501';
  END IF;
  IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = relation) THEN
    RAISE EXCEPTION 'table "%" is already distributed', name USING ERRCODE = '42P16';
  END IF;
  -- A cluster without nodes becomes a cluster of one: the coordinator, with shards.
  IF NOT EXISTS (SELECT FROM pg_dist_node) THEN
    PERFORM citus_stand_in.add_lone_coordinator();
  END IF;
END $$;

CREATE FUNCTION citus_stand_in.add_lone_coordinator() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
  INSERT INTO pg_dist_node (groupid, nodename, nodeport, hasmetadata, metadatasynced)
  VALUES (0, 'localhost', current_setting('port')::integer, true, true)
$$;

CREATE FUNCTION citus_stand_in.tell_of_copied_rows(relation regclass) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
  has_rows boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM %s)', relation) INTO has_rows;
  IF has_rows THEN
    RAISE NOTICE 'Copying data from local table...';
    RAISE NOTICE 'copying the data has completed' USING
      DETAIL = 'The local data in the table is no longer visible, but is still on disk.',
      HINT = format('To remove the local data, run: SELECT truncate_local_data_after_distributing_table($$%s$$)',
        (SELECT format('%I.%I', relnamespace::regnamespace, relname) FROM pg_class WHERE oid = relation));
  END IF;
END $body$;

CREATE FUNCTION citus_stand_in.add_table(relation regclass, method "char", key text, colocation integer, model "char")
RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO pg_dist_partition VALUES (relation, method, key, colocation, model)';

CREATE FUNCTION citus_stand_in.add_colocation(shard_count integer, replication_factor integer, column_type oid, column_collation oid)
RETURNS integer LANGUAGE sql SECURITY DEFINER AS $$
  INSERT INTO pg_dist_colocation
  VALUES (nextval('pg_dist_colocationid_seq'), shard_count, replication_factor, column_type, column_collation)
  RETURNING colocationid
$$;

CREATE FUNCTION pg_catalog.create_distributed_table(
  table_name regclass,
  distribution_column text,
  distribution_type citus.distribution_type DEFAULT 'hash',
  colocate_with text DEFAULT 'default',
  shard_count integer DEFAULT NULL
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  key pg_attribute;
  shards integer := coalesce(shard_count, nullif(current_setting('citus.shard_count', true), '')::integer, 32);
  colocation integer;
  found_type oid;
  names text[];
BEGIN
  PERFORM citus_stand_in.ensure_may_distribute(table_name);
  names[1] := (SELECT relname FROM pg_class WHERE oid = table_name);
  SELECT * INTO key FROM pg_attribute WHERE attrelid = table_name AND attname = distribution_column AND NOT attisdropped;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'column "%" of relation "%" does not exist', distribution_column, names[1] USING ERRCODE = '42703';
  END IF;

  -- Range and append tables are not colocated, and get their shards from master_create_empty_shard.
  IF distribution_type <> 'hash' THEN
    PERFORM citus_stand_in.add_table(table_name, left(distribution_type::text, 1)::"char", distribution_column, 0, 'c');
    RETURN;
  END IF;

  IF colocate_with = 'default' THEN
    SELECT min(c.colocationid) INTO colocation FROM pg_dist_colocation c
    WHERE c.shardcount = shards AND c.distributioncolumntype = key.atttypid
      AND c.distributioncolumncollation = key.attcollation;
  ELSIF colocate_with <> 'none' THEN
    SELECT p.colocationid, c.distributioncolumntype, c.shardcount INTO colocation, found_type, shards
    FROM pg_dist_partition p LEFT JOIN pg_dist_colocation c USING (colocationid)
    WHERE p.logicalrelid = colocate_with::regclass;
    names[2] := (SELECT relname FROM pg_class WHERE oid = colocate_with::regclass);
    IF NOT FOUND THEN
      RAISE EXCEPTION 'relation % is not distributed', names[2] USING ERRCODE = 'XX000';
    ELSIF found_type <> key.atttypid THEN
      RAISE EXCEPTION 'cannot colocate tables % and %', names[2], names[1] USING ERRCODE = 'XX000',
        DETAIL = format('Distribution column types don''t match for %s and %s.', names[2], names[1]);
    END IF;
  END IF;

  colocation := coalesce(colocation, citus_stand_in.add_colocation(shards, 1, key.atttypid, key.attcollation));
  PERFORM citus_stand_in.create_shards(table_name, colocation, shards);
  PERFORM citus_stand_in.add_table(table_name, 'h', distribution_column, colocation, 's');
  PERFORM citus_stand_in.tell_of_copied_rows(table_name);
END $$;

CREATE FUNCTION pg_catalog.master_create_empty_shard(relation_name text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  shard bigint := nextval('pg_dist_shardid_seq');
BEGIN
  INSERT INTO pg_dist_shard VALUES (relation_name::regclass, shard, 't');
  INSERT INTO citus_stand_in.placement (shardid, groupid)
  SELECT shard, groupid FROM pg_dist_node WHERE noderole = 'primary' AND isactive AND shouldhaveshards
  ORDER BY nodeid OFFSET shard % (SELECT count(*) FROM pg_dist_node WHERE noderole = 'primary' AND isactive AND shouldhaveshards) LIMIT 1;
  RETURN shard;
END $$;

CREATE FUNCTION citus_stand_in.add_reference_shard(relation regclass) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
  INSERT INTO pg_dist_shard VALUES (relation, nextval('pg_dist_shardid_seq'), 't');
  INSERT INTO citus_stand_in.placement (shardid, groupid)
  SELECT currval('pg_dist_shardid_seq'), groupid FROM pg_dist_node WHERE noderole = 'primary' AND isactive;
$$;

CREATE FUNCTION pg_catalog.create_reference_table(table_name regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM citus_stand_in.ensure_may_distribute(table_name);
  PERFORM citus_stand_in.add_table(table_name, 'n', NULL, coalesce(
    (SELECT colocationid FROM pg_dist_colocation WHERE replicationfactor = -1),
    citus_stand_in.add_colocation(1, -1, 0, 0)), 't');
  PERFORM citus_stand_in.add_reference_shard(table_name);
  PERFORM citus_stand_in.tell_of_copied_rows(table_name);
END $$;

CREATE FUNCTION pg_catalog.get_shard_id_for_distribution_column(table_name regclass, distribution_value anyelement)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  key pg_attribute;
  hash integer;
BEGIN
  SELECT a.* INTO key FROM pg_dist_partition p JOIN pg_attribute a ON a.attrelid = p.logicalrelid AND a.attname = p.partkey
  WHERE p.logicalrelid = table_name;
  hash := CASE key.atttypid
    WHEN 'bigint'::regtype THEN hashint8(distribution_value::text::bigint)
    WHEN 'integer'::regtype THEN hashint4(distribution_value::text::integer)
    WHEN 'text'::regtype THEN hashtext(distribution_value::text)
    WHEN 'uuid'::regtype THEN uuid_hash(distribution_value::text::uuid)
  END;
  RETURN (SELECT shardid FROM pg_dist_shard
          WHERE logicalrelid = table_name AND hash BETWEEN shardminvalue::integer AND shardmaxvalue::integer);
END $$;

-- Removes a dropped table from the catalogue, as the real Citus does with its own trigger.
CREATE FUNCTION citus_stand_in.forget_dropped_tables() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  dropped oid[] := ARRAY(SELECT objid FROM pg_event_trigger_dropped_objects() WHERE object_type = 'table');
BEGIN
  DELETE FROM citus_stand_in.placement WHERE shardid IN (SELECT shardid FROM pg_dist_shard WHERE logicalrelid = ANY (dropped));
  DELETE FROM pg_dist_shard WHERE logicalrelid = ANY (dropped);
  DELETE FROM pg_dist_partition WHERE logicalrelid = ANY (dropped);
END $$;
CREATE EVENT TRIGGER citus_stand_in_drop ON sql_drop EXECUTE FUNCTION citus_stand_in.forget_dropped_tables();
