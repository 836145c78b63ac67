-- Who may, and what they did: keys as keyed hashes, and a log that can only grow and shows when it was tampered with.
SET LOCAL search_path = baochang, public;

-- ---- keys ------------------------------------------------------------------------------------------------------

-- Written by `baochang key` as the owner; the service can only read it, so that whoever breaks into the service cannot
-- make a key. A county or a company in it is the scope: everything else does not exist for the holder.
CREATE TABLE access_key (
    id         text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),     -- public part of the key; names the actor in the log
    hash       bytea NOT NULL CHECK (octet_length(hash) = 32),     -- BLAKE2b of the secret part, keyed with the pepper
    role       text NOT NULL CHECK (role IN ('viewer', 'company', 'officer', 'planner', 'approver', 'admin')),
    holder     text NOT NULL CHECK (holder <> '' AND octet_length(holder) <= 200),
    county     text CHECK (county ~ '^[0-9]{6}(-[A-Z0-9]{1,8})?$'),
    company    text CHECK (length(company) BETWEEN 1 AND 64),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL CHECK (expires_at < '2200-01-01'),
    revoked_at timestamptz,
    CONSTRAINT access_key_company CHECK ((role = 'company') = (company IS NOT NULL)),
    CONSTRAINT access_key_admin CHECK (role <> 'admin' OR county IS NULL)
);
GRANT SELECT ON access_key TO baochang_service;

CREATE FUNCTION access_key_notify() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
BEGIN
    PERFORM pg_notify('baochang_keys', '');
    RETURN NULL;
END $$;
CREATE TRIGGER notify AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON access_key FOR EACH STATEMENT EXECUTE FUNCTION access_key_notify();

-- ---- the log ---------------------------------------------------------------------------------------------------

-- One row per row that was changed, written by triggers inside the transaction of the change: no audit, no act. It
-- does not matter whether the change came over HTTP or from psql; without a caller the actor is the database role.
CREATE TABLE audit_log (
    seq       bigint PRIMARY KEY CHECK (seq > 0),      -- without gaps
    at        timestamptz NOT NULL,
    actor     text NOT NULL,                           -- id of the key, or 'db:' and the database role
    holder    text,
    role      text,
    request   text,                                    -- X-Request-Id
    db_role   text NOT NULL,
    act       text NOT NULL,                           -- create, replace, submit, approve, …; insert, update, delete
    kind      text NOT NULL,                           -- table
    object    text NOT NULL,                           -- its key
    rules_version bigint NOT NULL,                     -- that the change belongs to
    detail    jsonb NOT NULL,                          -- the row, or what changed in it: {"column": [before, after]}
    prev_hash bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash      bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE INDEX ON audit_log (kind, object, seq);

-- The end of the chain. Its lock makes the log one sequence. A chain cannot see its own tail cut off: `baochang check
-- --audit` prints the head, to be kept elsewhere and compared later.
CREATE TABLE audit_head (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq  bigint NOT NULL,
    hash bytea NOT NULL
);
INSERT INTO audit_head VALUES (true, 0, decode(repeat('00', 32), 'hex'));
GRANT SELECT ON audit_log, audit_head TO baochang_service;

CREATE FUNCTION audit_time(t timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- Length in bytes, colon, text, comma; '-,' for NULL. No two rows have the same text.
CREATE FUNCTION audit_field(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE(pg_catalog.octet_length(t) || ':' || t, '-') || ','
$$;

-- What the hash is made of, after the 32 bytes of prev_hash. data/audit.c computes it a second time, on its own.
CREATE FUNCTION audit_text(r audit_log) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT baochang.audit_field(r.seq::text) || baochang.audit_field(baochang.audit_time(r.at)) || baochang.audit_field(r.actor)
        || baochang.audit_field(r.holder) || baochang.audit_field(r.role) || baochang.audit_field(r.request)
        || baochang.audit_field(r.db_role) || baochang.audit_field(r.act) || baochang.audit_field(r.kind)
        || baochang.audit_field(r.object) || baochang.audit_field(r.rules_version::text) || baochang.audit_field(r.detail::text)
$$;

CREATE FUNCTION audit_append(p_act text, p_kind text, p_object text, p_detail jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = baochang, public, pg_temp AS $$
DECLARE
    r audit_log;
BEGIN
    SELECT h.seq + 1, h.hash INTO r.seq, r.prev_hash FROM audit_head h FOR UPDATE;
    r.at := clock_timestamp();
    r.actor := COALESCE(NULLIF(current_setting('baochang.actor', true), ''), 'db:' || session_user);
    r.holder := NULLIF(current_setting('baochang.holder', true), '');
    r.role := NULLIF(current_setting('baochang.role', true), '');
    r.request := NULLIF(current_setting('baochang.request', true), '');
    r.db_role := session_user;
    r.act := p_act;
    r.kind := p_kind;
    r.object := p_object;
    r.rules_version := (SELECT version FROM rules_state);
    -- a closure may list 100,000 roads; the row itself is kept in the history
    r.detail := CASE WHEN octet_length(p_detail::text) <= 16384 THEN p_detail
                     ELSE jsonb_build_object('bytes', octet_length(p_detail::text),
                                             'sha256', encode(sha256(convert_to(p_detail::text, 'UTF8')), 'hex')) END;
    r.hash := sha256(r.prev_hash || convert_to(audit_text(r), 'UTF8'));
    INSERT INTO audit_log SELECT r.*;
    UPDATE audit_head SET seq = r.seq, hash = r.hash;
END $$;
REVOKE EXECUTE ON FUNCTION audit_append(text, text, text, jsonb) FROM PUBLIC;

CREATE FUNCTION audit_row_json(r jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (r - 'hash' - 'geom') || CASE WHEN r -> 'geom' IS NULL OR r -> 'geom' = 'null' THEN '{}'
        ELSE pg_catalog.jsonb_build_object('geom', 'sha256:' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(r ->> 'geom', 'UTF8')), 'hex')) END
$$;

-- Arguments: the columns of the primary key.
CREATE FUNCTION audit_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = baochang, public, pg_temp AS $$
DECLARE
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN audit_row_json(to_jsonb(OLD)) END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN audit_row_json(to_jsonb(NEW)) END;
    row_key text;
    detail jsonb;
BEGIN
    SELECT string_agg(COALESCE(after, before) ->> k, '/' ORDER BY i) INTO row_key FROM unnest(TG_ARGV) WITH ORDINALITY q (k, i);
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(n.key, jsonb_build_array(before -> n.key, n.value)) INTO detail
        FROM jsonb_each(after) n WHERE n.value IS DISTINCT FROM before -> n.key;
        IF detail IS NULL AND NEW IS NOT DISTINCT FROM OLD THEN RETURN NULL; END IF; -- nothing was changed
        detail := COALESCE(detail, '{}');
    ELSE
        detail := COALESCE(after, before);
    END IF;
    PERFORM audit_append(COALESCE(NULLIF(current_setting('baochang.act', true), ''), lower(TG_OP)), TG_TABLE_NAME, row_key, detail);
    RETURN NULL;
END $$;

CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log can only grow' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();
CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();

CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON zone FOR EACH ROW EXECUTE FUNCTION audit_record('id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON checkpoint FOR EACH ROW EXECUTE FUNCTION audit_record('id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON gate FOR EACH ROW EXECUTE FUNCTION audit_record('zone_id', 'checkpoint_id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON closure FOR EACH ROW EXECUTE FUNCTION audit_record('id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON zone_class FOR EACH ROW EXECUTE FUNCTION audit_record('code');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON credential_type FOR EACH ROW EXECUTE FUNCTION audit_record('code');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON calendar_day FOR EACH ROW EXECUTE FUNCTION audit_record('day');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON route_alias FOR EACH ROW EXECUTE FUNCTION audit_record('alias', 'valid');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON toll_station FOR EACH ROW EXECUTE FUNCTION audit_record('id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON access_key FOR EACH ROW EXECUTE FUNCTION audit_record('id');

-- A time as the interface writes it: RFC 3339 in +08:00.
CREATE FUNCTION wire_time(t timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.to_char(t AT TIME ZONE 'Asia/Shanghai', CASE WHEN t = pg_catalog.date_trunc('second', t)
        THEN 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.MS"+08:00"' END)
$$;
