-- Removes what 01-autoscaler.sql and 02-roles.sql created, and the recorded numbers of workers. The example's tables
-- stay: DROP TABLE public.clicks, public.ads, public.campaigns, public.companies.

BEGIN;
SET LOCAL client_min_messages = warning;
-- as in 01-autoscaler.sql
SET LOCAL search_path = pg_catalog, pg_temp;

DO $$
DECLARE
  ours bigint[];
  unwanted text;
BEGIN
  -- before the views, as in 01-autoscaler.sql
  IF to_regclass('public.worker_count') IS NOT NULL THEN
    LOCK TABLE public.worker_count IN ACCESS EXCLUSIVE MODE;
  END IF;

  IF to_regnamespace('cron') IS NOT NULL THEN
    ours := ARRAY(SELECT jobid FROM cron.job WHERE database = current_database()
                  AND jobname IN ('worker-count', 'worker-count-retention', 'worker-count-log-retention', 'autoscaler-plan'));
    PERFORM cron.unschedule(job) FROM unnest(ours) job;
    DELETE FROM cron.job_run_details WHERE jobid = ANY (ours);
  END IF;

  DROP SCHEMA IF EXISTS autoscaler CASCADE;
  DROP TABLE IF EXISTS public.worker_count;

  FOREACH unwanted IN ARRAY ARRAY['autoscaler_grafana', 'autoscaler_function'] LOOP
    CONTINUE WHEN to_regrole(unwanted) IS NULL;
    BEGIN
      -- dropping the objects has removed what the roles were granted, except what a person granted in addition
      EXECUTE format('DROP ROLE IF EXISTS %I', unwanted);
    EXCEPTION WHEN insufficient_privilege OR dependent_objects_still_exist THEN
      RAISE WARNING 'the role % stays: %', unwanted, SQLERRM USING HINT = 'On Azure Cosmos DB for PostgreSQL delete it in the portal.';
    END;
  END LOOP;
END $$;

COMMIT;
