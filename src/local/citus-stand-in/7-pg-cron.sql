-- pg_cron 1.6's tables, functions, checks and rights. src/local/pg-cron.ts runs the jobs.

CREATE SCHEMA cron;
CREATE SEQUENCE cron.jobid_seq;
CREATE SEQUENCE cron.runid_seq;

CREATE TABLE cron.job (
  jobid bigint PRIMARY KEY DEFAULT nextval('cron.jobid_seq'),
  schedule text NOT NULL,
  command text NOT NULL,
  nodename text NOT NULL DEFAULT 'localhost',
  nodeport integer NOT NULL DEFAULT inet_server_port(),
  database text NOT NULL DEFAULT current_database(),
  username text NOT NULL DEFAULT current_user,
  active boolean NOT NULL DEFAULT true,
  jobname text,
  UNIQUE (jobname, username)
);
CREATE TABLE cron.job_run_details (
  jobid bigint,
  runid bigint PRIMARY KEY DEFAULT nextval('cron.runid_seq'),
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);
GRANT SELECT ON cron.job, cron.job_run_details TO PUBLIC;
GRANT DELETE ON cron.job_run_details TO PUBLIC;
ALTER TABLE cron.job ENABLE ROW LEVEL SECURITY;
ALTER TABLE cron.job_run_details ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON cron.job USING (username = current_user);
CREATE POLICY own ON cron.job_run_details USING (username = current_user);

-- Accepts '5 seconds', or five cron fields with numbers, ranges, lists and steps.
CREATE FUNCTION citus_stand_in.ensure_schedule(schedule text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  field CONSTANT text := '(\*|\d+(-\d+)?(,\d+(-\d+)?)*)(/\d+)?';
  old boolean := (SELECT pg_cron_version < 1.5 FROM citus_stand_in.settings);
BEGIN
  IF schedule ~* '^\s*[1-5]?\d\s+seconds?\s*$' AND schedule !~ '^\s*0+\s' AND NOT old
     OR schedule ~ ('^\s*' || field || '(\s+' || field || '){4}\s*$') THEN
    RETURN;
  ELSIF old THEN
    RAISE EXCEPTION 'invalid schedule: %', schedule USING ERRCODE = '22023';
  END IF;
  RAISE EXCEPTION 'invalid schedule: %', schedule
    USING ERRCODE = '22023', HINT = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
END $$;

CREATE FUNCTION citus_stand_in.save_job(job_name text, schedule text, command text, owner text)
RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$
  INSERT INTO cron.job (jobname, schedule, command, username) VALUES (job_name, schedule, command, owner)
  ON CONFLICT (jobname, username) DO UPDATE SET schedule = excluded.schedule, command = excluded.command
  RETURNING jobid
$$;

CREATE FUNCTION cron.schedule(job_name text, schedule text, command text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF job_name IS NULL THEN
    RAISE EXCEPTION 'job_name can not be NULL' USING ERRCODE = 'XX000';
  END IF;
  PERFORM citus_stand_in.ensure_schedule(schedule);
  RETURN citus_stand_in.save_job(job_name, schedule, command, current_user);
END $$;

CREATE FUNCTION cron.schedule(schedule text, command text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  PERFORM citus_stand_in.ensure_schedule(schedule);
  RETURN citus_stand_in.save_job(NULL, schedule, command, current_user);
END $$;

CREATE FUNCTION citus_stand_in.delete_job(id bigint) RETURNS boolean LANGUAGE sql SECURITY DEFINER AS
  'DELETE FROM cron.job WHERE jobid = id RETURNING true';

CREATE FUNCTION cron.unschedule(job_id bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM cron.job WHERE jobid = job_id) THEN
    RAISE EXCEPTION 'could not find valid entry for job %', job_id USING ERRCODE = 'XX000';
  END IF;
  RETURN citus_stand_in.delete_job(job_id);
END $$;

CREATE FUNCTION cron.unschedule(job_name text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  id bigint := (SELECT jobid FROM cron.job WHERE jobname = job_name AND username = current_user);
BEGIN
  IF id IS NULL THEN
    RAISE EXCEPTION 'could not find valid entry for job ''%''', job_name USING ERRCODE = 'XX000';
  END IF;
  RETURN citus_stand_in.delete_job(id);
END $$;
