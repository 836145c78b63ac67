-- Plans that are kept: the question, the answer as it was sent, and what it takes to judge or make it again.
SET LOCAL search_path = baochang, public;

CREATE TABLE stored_plan (
    number          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,     -- order of keeping; pages go by it
    id              text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'), -- decision_id of the answer
    state           text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'broken', 'replaced', 'withdrawn')),
    revision        int NOT NULL DEFAULT 1,                         -- of the state; the answer never changes
    reason          jsonb,                                          -- why it is broken
    checked_version bigint,                                         -- rules under which a job last looked at it
    owner           text NOT NULL,                                  -- id of the key
    holder          text NOT NULL,
    role            text NOT NULL,
    company         text,
    county          text,
    request_key     text CHECK (length(request_key) BETWEEN 1 AND 200), -- Idempotency-Key
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    replaces        text REFERENCES stored_plan,
    replaced_by     text REFERENCES stored_plan,
    network_version text NOT NULL,
    rules_version   bigint NOT NULL,
    as_of           timestamptz NOT NULL,
    digest          text NOT NULL CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
    vehicle_class   text NOT NULL,
    depart_at       timestamptz NOT NULL,
    arrive_at       timestamptz NOT NULL,
    duration_ms     bigint NOT NULL CHECK (duration_ms >= 0),
    distance_mm     bigint NOT NULL CHECK (distance_mm >= 0),
    -- what makes it again; all NULL once withdrawn: a plan names a plate and a journey, and is not kept longer than wanted
    language        text NOT NULL CHECK (language IN ('zh', 'en')),
    request         text CHECK (octet_length(request) <= 1048576),
    answer          text,
    record          bytea,                                          -- routing/plan_record.h
    arcs            int[],                                          -- ascending; numbers of that network
    xid             xid8 NOT NULL DEFAULT pg_current_xact_id(),     -- of the last change, for whoever keeps an index of it
    UNIQUE (owner, request_key),
    CONSTRAINT stored_plan_whole CHECK ((state = 'withdrawn') = (answer IS NULL) AND (answer IS NULL) = (request IS NULL)
        AND (answer IS NULL) = (record IS NULL) AND (answer IS NULL) = (arcs IS NULL))
);
CREATE INDEX ON stored_plan (state, number);
CREATE INDEX ON stored_plan (xid);
-- Only how it stands may change; the rest is what somebody was told, and can only go altogether.
GRANT SELECT, INSERT, UPDATE (state, reason, checked_version, replaced_by, request, answer, record, arcs) ON stored_plan TO baochang_service;
CREATE FUNCTION stored_plan_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
BEGIN
    IF NEW.state IS DISTINCT FROM OLD.state OR NEW.reason IS DISTINCT FROM OLD.reason THEN NEW.revision := OLD.revision + 1; END IF;
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE ON stored_plan FOR EACH ROW EXECUTE FUNCTION stored_plan_keep();
CREATE FUNCTION stored_plan_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'withdrawn' THEN RAISE EXCEPTION 'a plan that is kept does not change' USING ERRCODE = 'check_violation'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OF request, answer, record, arcs ON stored_plan FOR EACH ROW EXECUTE FUNCTION stored_plan_frozen();

CREATE FUNCTION stored_plan_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.pg_notify('baochang_plans', '');
    RETURN NULL;
END $$;
CREATE TRIGGER notify AFTER INSERT OR UPDATE OR DELETE ON stored_plan FOR EACH STATEMENT EXECUTE FUNCTION stored_plan_notify();

-- What a person did is in the log; what a job found is in the row.
CREATE FUNCTION stored_plan_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = baochang, public, pg_temp AS $$
BEGIN
    IF COALESCE(current_setting('baochang.actor', true), '') = '' AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;
    PERFORM audit_append(COALESCE(NULLIF(current_setting('baochang.act', true), ''), lower(TG_OP)), 'stored_plan', NEW.id,
        jsonb_build_object('state', NEW.state, 'digest', NEW.digest, 'network_version', NEW.network_version,
                           'rules_version', NEW.rules_version, 'company', NEW.company, 'county', NEW.county, 'replaces', NEW.replaces));
    RETURN NULL;
END $$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OF state ON stored_plan FOR EACH ROW EXECUTE FUNCTION stored_plan_audit();

-- Begins an act that changes no rules: says who, and takes no lock.
CREATE FUNCTION desk_begin_aside(p_actor text, p_holder text, p_role text, p_request text, p_act text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_catalog.set_config('baochang.actor', p_actor, true), pg_catalog.set_config('baochang.holder', p_holder, true),
           pg_catalog.set_config('baochang.role', p_role, true), pg_catalog.set_config('baochang.request', p_request, true),
           pg_catalog.set_config('baochang.act', p_act, true)
$$;

-- A company sees what is its own; a county's desk what was kept with its keys or those of places in it; a desk without a
-- county everything; everybody what they kept themselves.
CREATE FUNCTION stored_plan_visible(p stored_plan, p_key text, p_role text, p_company text, p_county text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p.state <> 'withdrawn' AND CASE
        WHEN p_role = 'company' THEN p.company = p_company
        WHEN p_role IN ('officer', 'planner', 'approver', 'admin') THEN
            p.owner = p_key OR p_county IS NULL OR COALESCE(baochang.jurisdiction_covers(p_county, p.county), false)
        ELSE p.owner = p_key END
$$;

CREATE FUNCTION stored_plan_json(p stored_plan) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_strip_nulls(pg_catalog.json_build_object('id', p.id, 'state', p.state, 'reason', p.reason, 'created_at', baochang.wire_time(p.created_at),
        'holder', p.holder, 'company', p.company, 'county', p.county, 'replaces', p.replaces, 'replaced_by', p.replaced_by,
        'network_version', p.network_version, 'rules_version', p.rules_version, 'as_of', baochang.wire_time(p.as_of),
        'checked_version', p.checked_version, 'digest', p.digest, 'vehicle_class', p.vehicle_class,
        'depart_at', baochang.wire_time(p.depart_at), 'arrive_at', baochang.wire_time(p.arrive_at),
        'duration_s', p.duration_ms / 1000.0, 'distance_m', p.distance_mm / 1000.0))
$$;
