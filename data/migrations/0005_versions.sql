-- Versions and history. Each transaction that touches a rules table becomes one rules version:
--
--   * its first statement takes the single row of rules_state and adds one; the row stays locked until the commit, so
--     versions become visible in the order of their numbers and none is lost;
--   * each row it leaves behind is written to <table>_history with the version that made it, each row it replaces gets
--     the version that ended it. Nothing is overwritten: `version_from <= v AND v < version_until` is version v;
--   * at its commit the time is noted in rules_version and one notification on `baochang_rules` carries the version
--     and nothing else.
--
-- The functions run with the rights of the owner: the service can change rules, never their history.
SET LOCAL search_path = baochang, public;

CREATE TABLE rules_state (
    one          boolean PRIMARY KEY DEFAULT true CHECK (one),
    version      bigint NOT NULL,
    committed_at timestamptz NOT NULL,
    xid          xid8 NOT NULL,                     -- the transaction that made it, and when that began: an xid alone
    began_at     timestamptz NOT NULL               -- could come back after a restore into another cluster
);
INSERT INTO rules_state VALUES (true, 1, clock_timestamp(), pg_current_xact_id(), now());

CREATE TABLE rules_version (
    version      bigint PRIMARY KEY,
    committed_at timestamptz NOT NULL,
    by_role      text NOT NULL DEFAULT session_user
);
CREATE INDEX ON rules_version (committed_at);
INSERT INTO rules_version SELECT version, committed_at FROM rules_state;

CREATE FUNCTION rules_touch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = baochang, public, pg_temp AS $$
BEGIN
    UPDATE rules_state SET version = version + 1, xid = pg_current_xact_id(), began_at = now()
    WHERE (xid, began_at) IS DISTINCT FROM (pg_current_xact_id(), now());
    RETURN NULL;
END $$;

-- Fires once per transaction, at its end.
CREATE FUNCTION rules_publish() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = baochang, public, pg_temp AS $$
DECLARE
    at timestamptz;
BEGIN
    -- strictly later than the version before, also when the clock was set back
    SELECT GREATEST(clock_timestamp(), max(committed_at) + interval '1 microsecond') INTO at FROM rules_version WHERE version = NEW.version - 1;
    at := COALESCE(at, clock_timestamp());
    UPDATE rules_state SET committed_at = at;
    INSERT INTO rules_version (version, committed_at) VALUES (NEW.version, at);
    PERFORM pg_notify('baochang_rules', NEW.version::text);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER publish AFTER UPDATE ON rules_state DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.version IS DISTINCT FROM OLD.version) EXECUTE FUNCTION rules_publish();

-- Arguments: the columns of the primary key.
CREATE FUNCTION rules_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = baochang, public, pg_temp AS $$
DECLARE
    v bigint;
    same text;
BEGIN
    SELECT version INTO v FROM rules_state;
    IF TG_OP <> 'INSERT' THEN
        SELECT string_agg(format('h.%1$I = ($1).%1$I', k), ' AND ') INTO same FROM unnest(TG_ARGV) k;
        -- a row that this transaction made itself was never visible to others
        EXECUTE format('DELETE FROM %I h WHERE %s AND h.version_until IS NULL AND h.version_from = $2', TG_TABLE_NAME || '_history', same)
            USING OLD, v;
        EXECUTE format('UPDATE %I h SET version_until = $2 WHERE %s AND h.version_until IS NULL', TG_TABLE_NAME || '_history', same)
            USING OLD, v;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        EXECUTE format('INSERT INTO %I SELECT ($1).*, $2, NULL', TG_TABLE_NAME || '_history') USING NEW, v;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION rules_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is kept with its history: use DELETE', TG_TABLE_NAME USING ERRCODE = 'feature_not_supported';
END $$;

-- Makes a table one of the rules tables.
CREATE PROCEDURE rules_track(t text) LANGUAGE plpgsql AS $$
DECLARE
    key_columns text;
    key_arguments text;
BEGIN
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.i), string_agg(quote_literal(a.attname), ', ' ORDER BY k.i)
    INTO key_columns, key_arguments
    FROM pg_index x, unnest(x.indkey) WITH ORDINALITY k (n, i), pg_attribute a
    WHERE x.indrelid = format('baochang.%I', t)::regclass AND x.indisprimary AND a.attrelid = x.indrelid AND a.attnum = k.n;
    EXECUTE format('CREATE TABLE baochang.%I (LIKE baochang.%I, version_from bigint NOT NULL, version_until bigint CHECK (version_until > version_from))',
                   t || '_history', t);
    EXECUTE format('CREATE UNIQUE INDEX ON baochang.%I (%s) WHERE version_until IS NULL', t || '_history', key_columns);
    EXECUTE format('CREATE INDEX ON baochang.%I (%s, version_from)', t || '_history', key_columns);
    EXECUTE format('INSERT INTO baochang.%I SELECT t.*, (SELECT version FROM baochang.rules_state), NULL FROM baochang.%I t', t || '_history', t);
    EXECUTE format('CREATE TRIGGER touch BEFORE INSERT OR UPDATE OR DELETE ON baochang.%I FOR EACH STATEMENT EXECUTE FUNCTION baochang.rules_touch()', t);
    EXECUTE format('CREATE TRIGGER record AFTER INSERT OR UPDATE OR DELETE ON baochang.%I FOR EACH ROW EXECUTE FUNCTION baochang.rules_record(%s)', t, key_arguments);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON baochang.%I FOR EACH STATEMENT EXECUTE FUNCTION baochang.rules_no_truncate()', t);
    EXECUTE format('GRANT SELECT ON baochang.%I TO baochang_service', t || '_history');
END $$;

CALL rules_track('calendar_day');
CALL rules_track('credential_type');
CALL rules_track('zone_class');
CALL rules_track('toll_station');
CALL rules_track('route_alias');
CALL rules_track('zone');
CALL rules_track('checkpoint');
CALL rules_track('gate');
CALL rules_track('closure');

GRANT SELECT ON rules_state, rules_version TO baochang_service;
REVOKE EXECUTE ON PROCEDURE rules_track(text) FROM PUBLIC;
