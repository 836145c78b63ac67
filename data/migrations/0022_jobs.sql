-- Long work on stored plans, worked off by every process that serves: a row for each plan, taken with FOR UPDATE SKIP
-- LOCKED, so that more processes finish sooner and what a killed one had taken is free again at once.
SET LOCAL search_path = baochang, public;

CREATE TABLE job (
    number        bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id            text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    kind          text NOT NULL CHECK (kind IN ('check', 'replan')),  -- mark what broke; make a new plan in its place where there is one
    plans         text NOT NULL CHECK (plans IN ('due', 'all')),      -- due: not looked at under the rules in force
    state         text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'cancelled')),
    actor         text NOT NULL,
    holder        text NOT NULL,
    role          text NOT NULL,
    rules_version bigint NOT NULL,
    publication   bigint UNIQUE,                                      -- started by that version, once for all processes
    created_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz
);
CREATE TABLE job_item (
    job     text NOT NULL REFERENCES job,
    plan    text NOT NULL REFERENCES stored_plan,
    outcome text CHECK (outcome IN ('lawful', 'broken', 'replanned', 'skipped', 'failed')), -- NULL: still to be done
    detail  jsonb,
    at      timestamptz,
    PRIMARY KEY (job, plan)
);
CREATE INDEX ON job_item (job, plan) WHERE outcome IS NULL;
GRANT SELECT, INSERT, UPDATE (state, finished_at) ON job TO baochang_service;
GRANT SELECT, INSERT, UPDATE (outcome, detail, at) ON job_item TO baochang_service;
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON job FOR EACH ROW EXECUTE FUNCTION audit_record('id');

CREATE FUNCTION job_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.pg_notify('baochang_jobs', '');
    RETURN NULL;
END $$;
CREATE TRIGGER notify AFTER INSERT ON job FOR EACH STATEMENT EXECUTE FUNCTION job_notify();

-- Starts a job on the active plans that its starter may see; NULL when this publication has one already.
CREATE FUNCTION job_start(p_kind text, p_plans text, p_actor text, p_holder text, p_role text, p_company text, p_county text, p_publication bigint)
RETURNS text LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
DECLARE
    made text;
    current bigint := (SELECT version FROM rules_state);
BEGIN
    INSERT INTO job (kind, plans, actor, holder, role, rules_version, publication)
    VALUES (p_kind, p_plans, p_actor, p_holder, p_role, current, p_publication) ON CONFLICT (publication) DO NOTHING RETURNING id INTO made;
    INSERT INTO job_item (job, plan)
    SELECT made, p.id FROM stored_plan p
    WHERE made IS NOT NULL AND p.state = 'active' AND stored_plan_visible(p, p_actor, p_role, p_company, p_county)
      AND (p_plans = 'all' OR COALESCE(p.checked_version, p.rules_version) < current);
    RETURN made;
END $$;

CREATE FUNCTION job_json(j job) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('id', j.id, 'kind', j.kind, 'plans', j.plans, 'state', j.state, 'holder', j.holder,
        'rules_version', j.rules_version, 'automatic', j.publication IS NOT NULL, 'created_at', baochang.wire_time(j.created_at),
        'finished_at', baochang.wire_time(j.finished_at), 'total', c.total, 'done', c.done,
        'outcomes', pg_catalog.json_build_object('lawful', c.lawful, 'broken', c.broken, 'replanned', c.replanned, 'skipped', c.skipped, 'failed', c.failed))
    FROM (SELECT pg_catalog.count(*) AS total, pg_catalog.count(i.outcome) AS done,
                 pg_catalog.count(*) FILTER (WHERE i.outcome = 'lawful') AS lawful, pg_catalog.count(*) FILTER (WHERE i.outcome = 'broken') AS broken,
                 pg_catalog.count(*) FILTER (WHERE i.outcome = 'replanned') AS replanned, pg_catalog.count(*) FILTER (WHERE i.outcome = 'skipped') AS skipped,
                 pg_catalog.count(*) FILTER (WHERE i.outcome = 'failed') AS failed
          FROM baochang.job_item i WHERE i.job = j.id) c
$$;
