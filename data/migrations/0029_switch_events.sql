-- Advance notice: who listens hears of a county's switch (平急转换) when it is ordered, with the moment from which it binds. It
-- goes with the event of its rules version, so that it is heard again after any break like everything else there.
SET LOCAL search_path = baochang, public;

CREATE INDEX ON county_switch (rules_version) WHERE act IN ('activate', 'stand-down');

CREATE OR REPLACE FUNCTION rules_events(after_version bigint, last_version bigint) RETURNS TABLE (version bigint, event text) LANGUAGE sql STABLE AS $$
    SELECT r.version, json_strip_nulls(json_build_object('rules_version', r.version, 'committed_at', wire_time(r.committed_at), 'changed_count', c.n,
                                                         'changed', c.j, 'county_switches', s.j))::text
    FROM rules_version r,
         LATERAL (SELECT count(*) AS n, COALESCE(json_agg(json_build_object('kind', q.kind, 'id', q.id, 'act', q.act) ORDER BY q.i) FILTER (WHERE q.i <= 1000), '[]') AS j
                  FROM (SELECT *, row_number() OVER (ORDER BY kind, id COLLATE "C") AS i FROM rules_changes(r.version)) q) c,
         LATERAL (SELECT json_agg(json_build_object('plan', w.plan_id, 'jurisdiction', p.jurisdiction, 'act', w.act,
                             'start_at', wire_time(w.start_at), 'parts', w.parts, 'authority', w.authority, 'document_no', w.document_no) ORDER BY w.id) AS j
                  FROM county_switch w JOIN county_plan p ON p.id = w.plan_id
                  WHERE w.rules_version = r.version AND w.act IN ('activate', 'stand-down')) s
    WHERE r.version > after_version AND r.version <= last_version ORDER BY r.version
$$;
