-- Distributes the example's tables by company, co-located: all rows of a company are on one worker.

BEGIN;
-- Because of the foreign keys between the tables, their shards must be created one after another.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

DO $$
DECLARE
  relation text;
BEGIN
  IF to_regprocedure('pg_catalog.citus_is_coordinator()') IS NULL THEN
    RAISE EXCEPTION 'the database % has no Citus', current_database()
      USING HINT = 'Connect to the database of the cluster, or run CREATE EXTENSION citus in this one.';
  ELSIF to_regclass('public.clicks') IS NULL THEN
    RAISE EXCEPTION 'the example''s tables are not there' USING HINT = 'Run sql/03-example-schema.sql first.';
  END IF;

  FOREACH relation IN ARRAY ARRAY['public.companies', 'public.campaigns', 'public.ads', 'public.clicks'] LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = relation::regclass);
    IF relation = 'public.companies' THEN
      PERFORM create_distributed_table(relation, 'id');
    ELSE
      PERFORM create_distributed_table(relation, 'company_id', colocate_with => 'public.companies');
    END IF;
  END LOOP;
END $$;

COMMIT;
