-- What each version of the rules changed, for those who listen: read from the history, so that it can be heard again after
-- any restart. Of what is drawn only that which binds or has bound is named; a version that touched nothing but drafts
-- names nothing.
SET LOCAL search_path = baochang, public;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY '{calendar_day,credential_type,zone_class,toll_station,route_alias,zone,checkpoint,gate,closure,facility}'::text[] LOOP
        EXECUTE format('CREATE INDEX ON %I (version_from)', t || '_history');
        EXECUTE format('CREATE INDEX ON %I (version_until) WHERE version_until IS NOT NULL', t || '_history');
    END LOOP;
END $$;
CREATE INDEX ON rule_act (rules_version);

-- One row for each row that was made (`made`) or ended by the version.
CREATE FUNCTION rules_touched(v bigint) RETURNS TABLE (kind text, id text, made boolean, seen boolean) LANGUAGE sql STABLE AS $$
    SELECT 'zone', h.id, h.version_from = v, h.state IN ('approved', 'lifted', 'expired') FROM zone_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'checkpoint', h.id, h.version_from = v, h.state IN ('active', 'closed', 'expired') FROM checkpoint_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'closure', h.id, h.version_from = v, h.physical OR h.state IN ('approved', 'lifted', 'expired') FROM closure_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'zone_class', h.code, h.version_from = v, true FROM zone_class_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'credential_type', h.code, h.version_from = v, true FROM credential_type_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'calendar_day', h.day::text, h.version_from = v, true FROM calendar_day_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'toll_station', h.id::text, h.version_from = v, true FROM toll_station_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'facility', h.id, h.version_from = v, true FROM facility_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'route_alias', h.alias, h.version_from = v, true FROM route_alias_history h WHERE v IN (h.version_from, h.version_until)
$$;

-- A gate that was tied or untied shows as its checkpoint, replaced.
CREATE FUNCTION rules_changes(v bigint) RETURNS TABLE (kind text, id text, act text) LANGUAGE sql STABLE AS $$
    WITH touched AS (
        SELECT * FROM rules_touched(v)
        UNION ALL
        SELECT 'checkpoint', g.checkpoint_id, m.made, true FROM gate_history g, (VALUES (true), (false)) m (made)
        WHERE v IN (g.version_from, g.version_until)
          AND EXISTS (SELECT FROM checkpoint_history c WHERE c.id = g.checkpoint_id AND c.version_from <= v
                      AND (c.version_until IS NULL OR c.version_until >= v) AND c.state IN ('active', 'closed', 'expired')))
    SELECT t.kind, t.id,
           COALESCE((SELECT a.act FROM rule_act a WHERE a.rules_version = v AND a.kind = t.kind AND a.object = t.id ORDER BY a.id DESC LIMIT 1),
                    CASE WHEN bool_and(t.made) THEN 'create' WHEN bool_or(t.made) THEN 'replace' ELSE 'delete' END)
    FROM touched t GROUP BY t.kind, t.id HAVING bool_or(t.seen)
$$;

-- The events of the versions after the first and up to the second number, oldest first. A change set of thousands of rows
-- names the first thousand and says how many there are.
CREATE FUNCTION rules_events(after_version bigint, last_version bigint) RETURNS TABLE (version bigint, event text) LANGUAGE sql STABLE AS $$
    SELECT r.version, json_build_object('rules_version', r.version, 'committed_at', wire_time(r.committed_at), 'changed_count', c.n, 'changed', c.j)::text
    FROM rules_version r,
         LATERAL (SELECT count(*) AS n, COALESCE(json_agg(json_build_object('kind', q.kind, 'id', q.id, 'act', q.act) ORDER BY q.i) FILTER (WHERE q.i <= 1000), '[]') AS j
                  FROM (SELECT *, row_number() OVER (ORDER BY kind, id COLLATE "C") AS i FROM rules_changes(r.version)) q) c
    WHERE r.version > after_version AND r.version <= last_version ORDER BY r.version
$$;
