-- The part of Citus 13.2's catalogue that this project reads, in plain PostgreSQL: same names, schemas, columns and rights.
-- No rows are moved: a distributed table stays a local table, and only the catalogue says otherwise.
-- What the real Citus does not have is in the schema citus_stand_in.
--
-- State depends only on the time: a task of a background job knows when it starts and ends, and views calculate status, placements and
-- progress from the clock. So moves happen one after another without a process that makes them happen.

CREATE SCHEMA citus_stand_in;
GRANT USAGE ON SCHEMA citus_stand_in TO PUBLIC;

-- The real extension has this schema too. For the user `citus` it comes first in the default search_path, so tables
-- that are created without a schema are in it.
CREATE SCHEMA citus;

CREATE TYPE citus.shard_transfer_mode AS ENUM ('auto', 'force_logical', 'block_writes');
CREATE TYPE citus.distribution_type AS ENUM ('hash', 'range', 'append');
CREATE TYPE pg_catalog.noderole AS ENUM ('primary', 'secondary', 'unavailable');
CREATE TYPE pg_catalog.citus_job_status AS ENUM
  ('scheduled', 'running', 'finished', 'cancelling', 'cancelled', 'failing', 'failed');
CREATE TYPE pg_catalog.citus_task_status AS ENUM
  ('blocked', 'runnable', 'running', 'done', 'cancelling', 'error', 'unscheduled', 'cancelled');

-- What a demo or a test may change: UPDATE citus_stand_in.settings SET …
CREATE TABLE citus_stand_in.settings (
  seconds_per_move double precision NOT NULL DEFAULT 1,
  clock_offset interval NOT NULL DEFAULT '0', -- added to the real time, so that a test need not wait
  has_background_workers boolean NOT NULL DEFAULT true, -- false: a job is scheduled, but none of its tasks ever starts
  is_coordinator boolean NOT NULL DEFAULT true, -- false: this database plays a worker
  pg_cron_version numeric NOT NULL DEFAULT 1.6 -- below 1.5 it has no schedules in seconds
);
INSERT INTO citus_stand_in.settings DEFAULT VALUES;

CREATE FUNCTION citus_stand_in.clock() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER AS
  'SELECT statement_timestamp() + clock_offset FROM citus_stand_in.settings';

CREATE SEQUENCE pg_catalog.pg_dist_node_nodeid_seq;
CREATE SEQUENCE pg_catalog.pg_dist_groupid_seq;
CREATE SEQUENCE pg_catalog.pg_dist_colocationid_seq;
CREATE SEQUENCE pg_catalog.pg_dist_shardid_seq START 102008;
CREATE SEQUENCE pg_catalog.pg_dist_placement_placementid_seq;
CREATE SEQUENCE pg_catalog.pg_dist_background_job_job_id_seq;
CREATE SEQUENCE pg_catalog.pg_dist_background_task_task_id_seq;

CREATE TABLE pg_catalog.pg_dist_node (
  nodeid integer PRIMARY KEY DEFAULT nextval('pg_catalog.pg_dist_node_nodeid_seq'),
  groupid integer NOT NULL DEFAULT nextval('pg_catalog.pg_dist_groupid_seq'),
  nodename text NOT NULL,
  nodeport integer NOT NULL DEFAULT 5432,
  noderack text NOT NULL DEFAULT 'default',
  hasmetadata boolean NOT NULL DEFAULT false,
  isactive boolean NOT NULL DEFAULT true,
  noderole noderole NOT NULL DEFAULT 'primary',
  nodecluster name NOT NULL DEFAULT 'default',
  metadatasynced boolean DEFAULT false,
  shouldhaveshards boolean NOT NULL DEFAULT true,
  nodeisclone boolean NOT NULL DEFAULT false,
  nodeprimarynodeid integer NOT NULL DEFAULT 0,
  UNIQUE (nodename, nodeport)
);

CREATE TABLE pg_catalog.pg_dist_partition (
  logicalrelid regclass UNIQUE NOT NULL,
  partmethod "char" NOT NULL,
  partkey text, -- a parse tree in the real Citus, the column's name here
  colocationid integer NOT NULL DEFAULT 0,
  repmodel "char" NOT NULL DEFAULT 'c',
  autoconverted boolean DEFAULT false
);

CREATE TABLE pg_catalog.pg_dist_colocation (
  colocationid integer PRIMARY KEY,
  shardcount integer NOT NULL,
  replicationfactor integer NOT NULL,
  distributioncolumntype oid NOT NULL,
  distributioncolumncollation oid NOT NULL
);

CREATE TABLE pg_catalog.pg_dist_shard (
  logicalrelid regclass NOT NULL,
  shardid bigint UNIQUE NOT NULL,
  shardstorage "char" NOT NULL,
  shardminvalue text,
  shardmaxvalue text
);

-- Shards that a move left behind, to drop later.
CREATE TABLE pg_catalog.pg_dist_cleanup (
  record_id bigint PRIMARY KEY,
  operation_id bigint NOT NULL,
  object_type integer NOT NULL,
  object_name text NOT NULL,
  node_group_id integer NOT NULL,
  policy_type integer NOT NULL
);

CREATE TABLE citus_stand_in.job (
  job_id bigint PRIMARY KEY,
  job_type name NOT NULL,
  description text NOT NULL,
  cancelled_at timestamptz
);

CREATE TABLE citus_stand_in.task (
  task_id bigint PRIMARY KEY DEFAULT nextval('pg_catalog.pg_dist_background_task_task_id_seq'),
  job_id bigint NOT NULL REFERENCES citus_stand_in.job,
  owner regrole NOT NULL,
  command text NOT NULL,
  colocation_id integer, -- null: every other task of the job waits for this one
  nodes_involved integer[],
  shard_ids bigint[] NOT NULL,
  starts_at timestamptz NOT NULL DEFAULT 'infinity',
  ends_at timestamptz NOT NULL DEFAULT 'infinity',
  fails_since timestamptz, -- for a move that fails: when it was first tried
  retry_count integer NOT NULL DEFAULT 0, -- for a move that failed until the cause was removed
  not_before timestamptz NOT NULL DEFAULT '2000-01-01',
  message text NOT NULL DEFAULT ''
);

CREATE TABLE citus_stand_in.placement (
  placementid bigint PRIMARY KEY DEFAULT nextval('pg_catalog.pg_dist_placement_placementid_seq'),
  shardid bigint NOT NULL,
  groupid integer NOT NULL,
  created_by bigint REFERENCES citus_stand_in.task, -- exists when this task is done
  removed_by bigint REFERENCES citus_stand_in.task -- and no longer when this one is
);
CREATE INDEX ON citus_stand_in.placement (shardid);

CREATE VIEW pg_catalog.pg_dist_placement AS
  SELECT p.placementid, p.shardid, 1 AS shardstate, 0::bigint AS shardlength, p.groupid
  FROM citus_stand_in.placement p
  LEFT JOIN citus_stand_in.task created ON created.task_id = p.created_by
  LEFT JOIN citus_stand_in.task removed ON removed.task_id = p.removed_by
  CROSS JOIN (SELECT citus_stand_in.clock() AS now OFFSET 0) clock -- evaluated once, not for each task
  WHERE coalesce(created.ends_at <= now, true) AND NOT coalesce(removed.ends_at <= now, false);

-- Bytes of a shard: all shards of a table are assumed to be equally large.
CREATE FUNCTION citus_stand_in.shard_bytes(relation regclass) RETURNS bigint LANGUAGE sql STABLE AS
  'SELECT pg_total_relation_size(relation) / count(*) FROM pg_dist_shard WHERE logicalrelid = relation HAVING count(*) > 0';

CREATE VIEW pg_catalog.citus_shards AS
  SELECT
    s.logicalrelid AS table_name,
    s.shardid,
    format('%s%I', nullif(quote_ident(c.relnamespace::regnamespace::text), 'public') || '.', c.relname || '_' || s.shardid)
      AS shard_name,
    CASE t.repmodel WHEN 't' THEN 'reference' ELSE 'distributed' END AS citus_table_type,
    t.colocationid AS colocation_id,
    n.nodename,
    n.nodeport,
    t.bytes AS shard_size
  FROM (SELECT *, citus_stand_in.shard_bytes(logicalrelid) AS bytes FROM pg_dist_partition OFFSET 0) t
  JOIN pg_class c ON c.oid = t.logicalrelid
  JOIN pg_dist_shard s USING (logicalrelid)
  JOIN pg_dist_placement p USING (shardid)
  JOIN pg_dist_node n USING (groupid)
  ORDER BY s.logicalrelid::text, s.shardid;

CREATE TABLE citus_stand_in.tenant (
  nodeid integer NOT NULL,
  colocation_id integer NOT NULL,
  tenant_attribute text NOT NULL,
  read_count_in_this_period integer NOT NULL DEFAULT 0,
  read_count_in_last_period integer NOT NULL DEFAULT 0,
  query_count_in_this_period integer NOT NULL DEFAULT 0,
  query_count_in_last_period integer NOT NULL DEFAULT 0,
  cpu_usage_in_this_period double precision NOT NULL DEFAULT 0,
  cpu_usage_in_last_period double precision NOT NULL DEFAULT 0,
  PRIMARY KEY (nodeid, colocation_id, tenant_attribute)
);
CREATE VIEW pg_catalog.citus_stat_tenants AS SELECT * FROM citus_stand_in.tenant;

CREATE VIEW pg_catalog.pg_dist_local_group AS
  SELECT CASE WHEN is_coordinator THEN 0 ELSE 1 END AS groupid FROM citus_stand_in.settings;

GRANT SELECT ON pg_dist_local_group, pg_dist_node, pg_dist_partition, pg_dist_colocation, pg_dist_shard, pg_dist_placement, pg_dist_cleanup,
  citus_shards TO PUBLIC;
GRANT SELECT ON citus_stat_tenants TO pg_monitor;

CREATE FUNCTION pg_catalog.citus_version() RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT 'Citus 13.2.2 as imitated by a stand-in, not the real one' $$;

-- As in the real Citus, false on a coordinator while pg_dist_node is empty.
CREATE FUNCTION pg_catalog.citus_is_coordinator() RETURNS boolean LANGUAGE sql AS
  'SELECT groupid = 0 AND EXISTS (SELECT FROM pg_dist_node WHERE isactive) FROM pg_dist_local_group';

CREATE FUNCTION citus_stand_in.ensure_coordinator() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT groupid FROM pg_dist_local_group) <> 0 THEN
    RAISE EXCEPTION 'operation is not allowed on this node'
      USING ERRCODE = 'XX000', HINT = 'Connect to the coordinator and run it again.';
  END IF;
END $$;
