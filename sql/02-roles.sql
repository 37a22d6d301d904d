-- Roles with what Grafana and the function need, and nothing else.
--
--   psql "$PG_CONNECTION_URL" -v ON_ERROR_STOP=1 -f sql/02-roles.sql
--
-- Run it after 01-autoscaler.sql, as the same role, and again when tables of another owner have been distributed. Then
--   CREATE ROLE grafana LOGIN PASSWORD '…' IN ROLE autoscaler_grafana;
-- Azure Cosmos DB for PostgreSQL makes roles in the portal only (Settings, Authentication, PostgreSQL roles): add
-- autoscaler_grafana there first and let Grafana log in as it.

BEGIN;
SET LOCAL client_min_messages = warning;

DO $$
DECLARE
  wanted text;
  owner regrole;
  home regnamespace;
BEGIN
  IF to_regnamespace('autoscaler') IS NULL THEN
    RAISE EXCEPTION 'the schema autoscaler is not there' USING HINT = 'Run sql/01-autoscaler.sql first.';
  ELSIF (SELECT NOT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'autoscaler') THEN
    RAISE EXCEPTION 'role % may not grant rights on the schema autoscaler', current_user
      USING HINT = format('Run as %s.', (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'autoscaler'));
  END IF;

  FOREACH wanted IN ARRAY ARRAY['autoscaler_grafana', 'autoscaler_function'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I', wanted);
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL; -- there already, as it should be
      WHEN insufficient_privilege THEN
        IF to_regrole(wanted) IS NULL THEN
          RAISE EXCEPTION 'role % may not create the role %', current_user, wanted
            USING HINT = 'On Azure Cosmos DB for PostgreSQL add it in the portal. Elsewhere run this as a role with CREATEROLE. Then run this file again.';
        END IF;
    END;
  END LOOP;

  -- citus_rebalance_start asks for the owner of every distributed table, and moves the shards in the owner's name.
  FOR owner, home IN
    SELECT DISTINCT relowner, relnamespace FROM pg_dist_partition JOIN pg_class ON pg_class.oid = logicalrelid
  LOOP
    IF (SELECT rolsuper FROM pg_roles WHERE oid = owner) THEN
      RAISE WARNING 'autoscaler_function may not rebalance: tables in % belong to %, a superuser', home, owner
        USING HINT = 'Give the tables to a role that is none, or let the function connect as their owner.';
      CONTINUE;
    ELSIF NOT (SELECT rolcanlogin FROM pg_roles WHERE oid = owner) THEN
      RAISE WARNING 'shards in % will not move: Citus logs in to the workers as their owner %, who may not', home, owner
        USING HINT = format('ALTER ROLE %s LOGIN', owner);
    ELSIF NOT has_schema_privilege(owner, home, 'CREATE') THEN
      RAISE WARNING 'shards in % will not move: their owner % may not create tables there', home, owner
        USING HINT = format('GRANT CREATE ON SCHEMA %s TO %s', home, owner);
    END IF;
    BEGIN
      IF NOT pg_has_role('autoscaler_function', owner, 'MEMBER') THEN
        EXECUTE format('GRANT %s TO autoscaler_function', owner);
      END IF;
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE WARNING 'autoscaler_function may not rebalance: % may not make it a member of %', current_user, owner
        USING HINT = format('Let the function connect as %s, as is usual on the managed services, where one role owns all.', owner);
    END;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA autoscaler TO autoscaler_grafana, autoscaler_function;
GRANT SELECT ON ALL TABLES IN SCHEMA autoscaler TO autoscaler_grafana, autoscaler_function;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA autoscaler TO autoscaler_grafana, autoscaler_function;
GRANT SELECT ON public.worker_count TO autoscaler_grafana, autoscaler_function;

COMMIT;
