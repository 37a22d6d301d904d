-- Two roles with only the rights that Grafana and the app need: autoscaler_grafana reads the views, autoscaler_function calls the functions
-- that the app needs. Neither can read a table.
--
--   psql "$PG_CONNECTION_URL" -v ON_ERROR_STOP=1 -f sql/02-roles.sql
--
-- Run it after 01-autoscaler.sql, as the same role, and again when tables of another owner have been distributed. Then
--   CREATE ROLE grafana LOGIN PASSWORD '…' IN ROLE autoscaler_grafana;
--   CREATE ROLE autoscaler LOGIN PASSWORD '…' IN ROLE autoscaler_function;
-- Azure Cosmos DB for PostgreSQL creates roles only in the portal (Settings, Authentication, PostgreSQL roles): add autoscaler_grafana and
-- autoscaler_function there first; Grafana and the app sign in with these.

BEGIN;
SET LOCAL client_min_messages = warning;
-- as in 01-autoscaler.sql
SET LOCAL search_path = pg_catalog, pg_temp;

DO $$
DECLARE
  wanted text;
  granted record;
  owner regrole;
  home regnamespace;
  part record;
  -- the role that plans and starts rebalances
  mover regrole;
BEGIN
  IF to_regnamespace('autoscaler') IS NULL THEN
    RAISE EXCEPTION 'the schema autoscaler is not there' USING HINT = 'Run sql/01-autoscaler.sql first.';
  ELSIF (SELECT NOT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'autoscaler') THEN
    RAISE EXCEPTION 'role % may not grant rights on the schema autoscaler', current_user
      USING HINT = format('Run as %s.', (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'autoscaler'));
  ELSIF to_regprocedure('autoscaler.version()') IS NULL THEN
    RAISE EXCEPTION 'the schema autoscaler is of an earlier version' USING HINT = 'Run sql/01-autoscaler.sql first.';
  END IF;

  FOREACH wanted IN ARRAY ARRAY['autoscaler_grafana', 'autoscaler_function'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I', wanted);
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL; -- it exists already
      WHEN insufficient_privilege THEN
        IF to_regrole(wanted) IS NULL THEN
          RAISE EXCEPTION 'role % may not create the role %', current_user, wanted
            USING HINT = 'On Azure Cosmos DB for PostgreSQL add it in the portal. Elsewhere run this as a role with CREATEROLE. Then run this file again.';
        END IF;
    END;
  END LOOP;

  -- An earlier version of this file made autoscaler_function a member of the owners of the tables.
  FOR granted IN
    SELECT roleid::regrole AS role, grantor::regrole AS grantor FROM pg_auth_members WHERE member = 'autoscaler_function'::regrole
  LOOP
    BEGIN
      EXECUTE format('REVOKE %s FROM autoscaler_function GRANTED BY %s', granted.role, granted.grantor);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE WARNING 'autoscaler_function is still a member of %', granted.role
        USING HINT = format('It no longer needs that. As a role that may revoke it: REVOKE %s FROM autoscaler_function', granted.role);
    END;
  END LOOP;

  -- The caller of citus_rebalance_start must be a member of the owners of all distributed tables; here that is the owner of the functions.
  -- The shards are moved as the tables' owners. One table of another owner prevents every rebalance.
  mover := (SELECT proowner FROM pg_proc WHERE oid = 'autoscaler.start_rebalance(name, text, interval)'::regprocedure);
  FOR owner, home IN
    SELECT DISTINCT relowner, relnamespace FROM pg_dist_partition JOIN pg_class ON pg_class.oid = logicalrelid
  LOOP
    IF NOT pg_has_role(mover, owner, 'USAGE') THEN
      RAISE WARNING 'no rebalance will start: tables in % belong to %, of whom %, the owner of the functions, is no member', home, owner, mover
        USING HINT = format('GRANT %s TO %s', owner, mover);
    ELSIF NOT (SELECT rolcanlogin FROM pg_roles WHERE oid = owner) THEN
      RAISE WARNING 'shards in % will not move: Citus logs in to the workers as their owner %, who may not', home, owner
        USING HINT = format('ALTER ROLE %s LOGIN', owner);
    ELSIF NOT has_schema_privilege(owner, home, 'CREATE') THEN
      RAISE WARNING 'shards in % will not move: their owner % may not create tables there', home, owner
        USING HINT = format('GRANT CREATE ON SCHEMA %s TO %s', home, owner);
    END IF;
  END LOOP;

  -- citusdata/citus#7585
  FOR part IN
    SELECT child.oid::regclass AS relation, child.relowner::regrole AS owner, parent.relowner::regrole AS parents_owner
    FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid JOIN pg_class parent ON parent.oid = inhparent
    JOIN pg_dist_partition ON logicalrelid = parent.oid
    WHERE child.relowner <> parent.relowner
  LOOP
    RAISE WARNING 'shards of % will not move: it is a partition that belongs to %, and its table to %', part.relation, part.owner, part.parents_owner
      USING HINT = format('ALTER TABLE %s OWNER TO %s', part.relation, part.parents_owner);
  END LOOP;
END $$;

REVOKE ALL ON ALL TABLES IN SCHEMA autoscaler FROM autoscaler_grafana, autoscaler_function;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA autoscaler FROM autoscaler_grafana, autoscaler_function;
REVOKE ALL ON public.worker_count FROM autoscaler_grafana, autoscaler_function;

GRANT USAGE ON SCHEMA autoscaler TO autoscaler_grafana, autoscaler_function;

GRANT EXECUTE ON FUNCTION autoscaler.version(), autoscaler.count_workers(), autoscaler.read_cluster(name), autoscaler.use_strategy(name),
  autoscaler.plan_rebalance(name),
  autoscaler.start_rebalance(name, text, interval), autoscaler.add_worker(text, integer, bigint, interval), autoscaler.read_preflight(),
  autoscaler.read_disks(), autoscaler.recent_history(integer)
  TO autoscaler_function;

-- A view uses the rights of its owner; the functions in it use those of the role that queries it.
GRANT SELECT ON autoscaler.nodes, autoscaler.workers, autoscaler.shard_groups, autoscaler.rebalance, autoscaler.rebalance_tasks,
  autoscaler.settled, autoscaler.tenants TO autoscaler_grafana;
GRANT EXECUTE ON FUNCTION autoscaler.version(), autoscaler.address_of(text, integer), autoscaler.count_workers(), autoscaler.worker_sizes(), autoscaler.worker_change(timestamptz),
  autoscaler.worker_changes(timestamptz, timestamptz), autoscaler.worker_count_age(), autoscaler.rebalances(timestamptz, timestamptz),
  autoscaler.recent_history(integer), autoscaler.settled_for(name), autoscaler.stop_stands(), autoscaler.cause_of(text), autoscaler.blockers_of(integer),
  autoscaler.started_at(bigint), autoscaler.stat_tenants(), autoscaler.isolation(text, integer, text, text), autoscaler.connections(),
  autoscaler.query_counters() TO autoscaler_grafana;

COMMIT;
