-- The moment from which a county's switch (平急转换) binds, when that was ordered for later: it becomes a rules version of its own,
-- which changes no rule, so that who listens hears of it once, in its place among the versions, at every process and after any
-- break. Whichever process looks first when it is there makes the version. Nothing depends on it: the rules bind by their interval.
SET LOCAL search_path = baochang, public;

CREATE TABLE county_start (
    switch        bigint PRIMARY KEY REFERENCES county_switch ON DELETE CASCADE,
    rules_version bigint,                     -- that tells of it; NULL: nothing was left to begin, or it began before this was kept
    members       jsonb NOT NULL DEFAULT '[]' -- [{"kind", "id"}]: what bound from then on
);
CREATE INDEX ON county_start (rules_version) WHERE rules_version IS NOT NULL;
CREATE INDEX ON county_switch (start_at) WHERE act = 'activate' AND start_at IS NOT NULL;
GRANT SELECT ON county_start TO baochang_service;
CREATE TRIGGER audit AFTER INSERT ON county_start FOR EACH ROW EXECUTE FUNCTION audit_record('switch');

-- Starts that nobody has told of. A switch that bound at once was told of by its own version.
CREATE VIEW county_start_due AS
    SELECT s.* FROM county_switch s
    WHERE s.act = 'activate' AND s.start_at > s.at AND NOT EXISTS (SELECT FROM county_start t WHERE t.switch = s.id);

INSERT INTO county_start (switch) SELECT id FROM county_start_due WHERE start_at <= clock_timestamp();

-- What a switch makes bind from its start on: its members that are still on with that start. One that was stood down and ordered
-- again for the same moment belongs to the later order.
CREATE FUNCTION county_starting(s county_switch) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('kind', m.kind, 'id', m.object) ORDER BY m.place), '[]')
    FROM baochang.county_plan_member m JOIN baochang.desk_object o ON o.kind = m.kind AND o.id = m.object
    WHERE m.plan_id = s.plan_id AND m.active AND pg_catalog.lower(o.effective) = s.start_at AND (s.parts IS NULL OR m.part IS NULL OR s.parts ? m.part)
      AND NOT EXISTS (SELECT FROM baochang.county_switch n WHERE n.plan_id = s.plan_id AND n.act = 'activate' AND n.start_at = s.start_at
                      AND n.id > s.id AND (n.parts IS NULL OR m.part IS NULL OR n.parts ? m.part))
$$;

-- Tells of the starts that are there; how long until the next, NULL when none is ordered. While others write rules it does
-- nothing and says to come again soon.
CREATE FUNCTION county_begin(OUT begun int, OUT wait_ms bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = baochang, public, pg_temp AS $$
DECLARE
    s county_switch;
    m jsonb;
    v bigint;
BEGIN
    begun := 0;
    IF EXISTS (SELECT FROM county_start_due WHERE start_at <= clock_timestamp()) THEN
        PERFORM FROM rules_state FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            wait_ms := 50;
            RETURN;
        END IF;
        PERFORM set_config('baochang.act', 'start', true);
        FOR s IN SELECT * FROM county_start_due WHERE start_at <= clock_timestamp() ORDER BY start_at, id LOOP -- another may have been quicker
            m := county_starting(s);
            IF m <> '[]' AND begun = 0 THEN
                UPDATE rules_state SET version = version + 1, xid = pg_current_xact_id(), began_at = now() RETURNING version INTO v;
            END IF;
            INSERT INTO county_start VALUES (s.id, CASE WHEN m <> '[]' THEN v END, m);
            begun := begun + (m <> '[]')::int;
        END LOOP;
    END IF;
    SELECT ceil(extract(epoch FROM min(start_at) - clock_timestamp()) * 1000)::bigint INTO wait_ms FROM county_start_due;
    IF wait_ms < 0 THEN wait_ms := 0; END IF; -- it has become due meanwhile; GREATEST would make 0 of NULL as well
END $$;
REVOKE EXECUTE ON FUNCTION county_begin() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION county_begin() TO baochang_service;

CREATE OR REPLACE FUNCTION rules_events(after_version bigint, last_version bigint) RETURNS TABLE (version bigint, event text) LANGUAGE sql STABLE AS $$
    SELECT r.version, json_strip_nulls(json_build_object('rules_version', r.version, 'committed_at', wire_time(r.committed_at), 'changed_count', c.n,
                                                         'changed', c.j, 'county_switches', s.j, 'county_starts', b.j))::text
    FROM rules_version r,
         LATERAL (SELECT count(*) AS n, COALESCE(json_agg(json_build_object('kind', q.kind, 'id', q.id, 'act', q.act) ORDER BY q.i) FILTER (WHERE q.i <= 1000), '[]') AS j
                  FROM (SELECT *, row_number() OVER (ORDER BY kind, id COLLATE "C") AS i FROM rules_changes(r.version)) q) c,
         LATERAL (SELECT json_agg(json_build_object('plan', w.plan_id, 'jurisdiction', p.jurisdiction, 'act', w.act,
                             'start_at', wire_time(w.start_at), 'parts', w.parts, 'authority', w.authority, 'document_no', w.document_no) ORDER BY w.id) AS j
                  FROM county_switch w JOIN county_plan p ON p.id = w.plan_id
                  WHERE w.rules_version = r.version AND w.act IN ('activate', 'stand-down')) s,
         LATERAL (SELECT json_agg(json_build_object('plan', w.plan_id, 'jurisdiction', p.jurisdiction, 'ordered_in', w.rules_version,
                             'start_at', wire_time(w.start_at), 'parts', w.parts, 'authority', w.authority, 'document_no', w.document_no,
                             'members', t.members) ORDER BY w.start_at, w.id) AS j
                  FROM county_start t JOIN county_switch w ON w.id = t.switch JOIN county_plan p ON p.id = w.plan_id
                  WHERE t.rules_version = r.version) b
    WHERE r.version > after_version AND r.version <= last_version ORDER BY r.version
$$;
