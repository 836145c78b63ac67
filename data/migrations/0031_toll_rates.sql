-- Tolls (通行费): what a kilometre of a road that asks a toll costs, by class of vehicle (JT/T 489-2019) and, where a rate is of
-- its own, by class of road. They are rules: whoever changes one changes the toll of every plan and the way of whoever asks for
-- the cheapest, so they are versioned, published, audited and kept over HTTP like the other registers.
SET LOCAL search_path = baochang, public;

CREATE TABLE toll_rate (
    vehicle_class smallint NOT NULL CHECK (vehicle_class BETWEEN 1 AND 6),
    road_class    text NOT NULL CHECK (road_class = '*' OR road_class = ANY (baochang.road_classes())),
    cny_per_km    double precision NOT NULL CHECK (cny_per_km BETWEEN 0 AND 20),
    document_no   text CHECK (document_no <> ''),
    PRIMARY KEY (vehicle_class, road_class)
);
COMMENT ON TABLE toll_rate IS 'yuan per kilometre; road_class *: every class of road without a rate of its own';

-- Four-lane expressways in Henan, rounded. A deployment puts its own in their place.
INSERT INTO toll_rate (vehicle_class, road_class, cny_per_km)
VALUES (1, '*', 0.45), (2, '*', 0.95), (3, '*', 1.52), (4, '*', 1.82), (5, '*', 1.96), (6, '*', 2.25);

-- Without the rate for the other roads, a class of vehicles would drive there for nothing; and the engine counts in hundredths
-- of a fen.
CREATE FUNCTION toll_rate_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = baochang, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.road_class = '*' AND (TG_OP = 'DELETE' OR (NEW.vehicle_class, NEW.road_class) IS DISTINCT FROM (OLD.vehicle_class, OLD.road_class)) THEN
        RAISE EXCEPTION 'the toll rate %:* stays: it is what all others fall back on', OLD.vehicle_class
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.cny_per_km::numeric <> round(NEW.cny_per_km::numeric, 4) THEN
        RAISE EXCEPTION 'cny_per_km % has more than four decimals', NEW.cny_per_km
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON toll_rate FOR EACH ROW EXECUTE FUNCTION toll_rate_guard();

-- In the units of the engine: road class by its place in road_classes(), −1 for all others; hundredths of a fen.
CREATE FUNCTION toll_rate_place(road_class text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE(pg_catalog.array_position(baochang.road_classes(), road_class), 0)::bigint - 1
$$;
CREATE VIEW binding_toll_rate AS
    SELECT t.vehicle_class::bigint AS vehicle_class, toll_rate_place(t.road_class) AS road_class, (t.cny_per_km::numeric * 10000)::bigint AS centifen_per_km
    FROM toll_rate t;
GRANT SELECT ON binding_toll_rate TO baochang_service;

-- ---- kept with their history -------------------------------------------------------------------------------------

CALL rules_track('toll_rate');
CREATE INDEX ON toll_rate_history (version_from);
CREATE INDEX ON toll_rate_history (version_until) WHERE version_until IS NOT NULL;
-- These rates were in force before there was a table of them: every earlier version had them too.
UPDATE toll_rate_history SET version_from = 0;

CALL rules_at_make('toll_rate');
CREATE FUNCTION past_toll_rate(v bigint) RETURNS SETOF binding_toll_rate LANGUAGE sql STABLE SET search_path = baochang, public, pg_temp AS $$
    SELECT t.vehicle_class::bigint, toll_rate_place(t.road_class), (t.cny_per_km::numeric * 10000)::bigint FROM toll_rate_at(v) t
$$;

CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON toll_rate FOR EACH ROW EXECUTE FUNCTION audit_record('vehicle_class', 'road_class');
GRANT SELECT, INSERT, UPDATE, DELETE ON toll_rate TO baochang_service;

CREATE OR REPLACE FUNCTION rules_touched(v bigint) RETURNS TABLE (kind text, id text, made boolean, seen boolean) LANGUAGE sql STABLE AS $$
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
    UNION ALL
    SELECT 'road', h.road::text, h.version_from = v, true FROM road_limit_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'jurisdiction', h.code, h.version_from = v, true FROM jurisdiction_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'authority_rule', h.kind || ':' || h.what, h.version_from = v, true FROM authority_rule_history h WHERE v IN (h.version_from, h.version_until)
    UNION ALL
    SELECT 'toll_rate', h.vehicle_class || ':' || h.road_class, h.version_from = v, true FROM toll_rate_history h WHERE v IN (h.version_from, h.version_until)
$$;

-- ---- over HTTP ---------------------------------------------------------------------------------------------------

CREATE FUNCTION toll_rate_properties(t toll_rate) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.json_build_object('vehicle_class', t.vehicle_class, 'road_class', t.road_class, 'cny_per_km', t.cny_per_km,
        'document_no', t.document_no)
$$;

CREATE OR REPLACE VIEW register_object AS
    SELECT 'facility' AS kind, 0::bigint AS place, f.id, f.jurisdiction, f.state, f.kind AS what, f.geom::geometry AS geom,
           (SELECT h.version_from::text FROM facility_history h WHERE h.id = f.id AND h.version_until IS NULL) AS tag, true AS kept,
           facility_properties(f) AS properties
    FROM facility f
    UNION ALL
    SELECT 'jurisdiction', 0::bigint, j.code, j.code, NULL::text, j.level, j.geom::geometry,
           (SELECT h.version_from::text FROM jurisdiction_history h WHERE h.code = j.code AND h.version_until IS NULL), true, jurisdiction_properties(j)
    FROM jurisdiction j
    UNION ALL
    SELECT 'zone_class', 0::bigint, k.code, NULL::text, CASE WHEN k.enabled THEN 'enabled' ELSE 'disabled' END, k.hazard, NULL::geometry,
           (SELECT h.version_from::text FROM zone_class_history h WHERE h.code = k.code AND h.version_until IS NULL), true,
           (zone_class_properties(k)::jsonb || jsonb_build_object('approval_level', authority_level('zone', k.code)))::json
    FROM zone_class k
    UNION ALL
    SELECT 'credential_type', 0::bigint, t.code, NULL::text, NULL::text, NULL::text, NULL::geometry,
           (SELECT h.version_from::text FROM credential_type_history h WHERE h.code = t.code AND h.version_until IS NULL), true, credential_type_properties(t)
    FROM credential_type t
    UNION ALL
    SELECT 'calendar_day', 0::bigint, d.day::text, NULL::text, NULL::text, d.kind, NULL::geometry,
           (SELECT h.version_from::text FROM calendar_day_history h WHERE h.day = d.day AND h.version_until IS NULL), true, calendar_day_properties(d)
    FROM calendar_day d
    UNION ALL
    SELECT 'authority_rule', 0::bigint, a.kind || ':' || a.what, NULL::text, NULL::text, a.kind, NULL::geometry,
           (SELECT h.version_from::text FROM authority_rule_history h WHERE h.kind = a.kind AND h.what = a.what AND h.version_until IS NULL), true,
           authority_rule_properties(a)
    FROM authority_rule a
    UNION ALL
    SELECT 'road', r.id, r.id::text, road_jurisdiction(r.geom), COALESCE(l.bridge_state, CASE WHEN r.bridge THEN 'open' END), r.class, r.geom::geometry,
           COALESCE((SELECT h.version_from FROM road_limit_history h WHERE h.road = r.id AND h.version_until IS NULL), 0) || '.'
               || (SELECT s.version FROM road_state s), l.road IS NOT NULL,
           (road_limit_properties(CASE WHEN l.road IS NULL THEN road_source_limit(r) ELSE l END)::jsonb
            || jsonb_build_object('name', r.name, 'ref', r.ref, 'class', r.class, 'bridge', r.bridge, 'tunnel', r.tunnel,
                                  'jurisdiction', road_jurisdiction(r.geom), 'posted', l.road IS NOT NULL,
                                  'source', road_limit_properties(road_source_limit(r))::jsonb - '{road,bridge_state,authority,document_no,note}'::text[]))::json
    FROM road r LEFT JOIN road_limit l ON l.road = r.id
    UNION ALL
    SELECT 'toll_rate', 0::bigint, t.vehicle_class || ':' || t.road_class, NULL::text, NULL::text, t.road_class, NULL::geometry,
           (SELECT h.version_from::text FROM toll_rate_history h WHERE h.vehicle_class = t.vehicle_class AND h.road_class = t.road_class
                                                                   AND h.version_until IS NULL), true, toll_rate_properties(t)
    FROM toll_rate t;

CREATE OR REPLACE FUNCTION register_table(p_kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_kind WHEN 'road' THEN 'road_limit' ELSE p_kind END
    WHERE p_kind IN ('facility', 'jurisdiction', 'zone_class', 'credential_type', 'calendar_day', 'authority_rule', 'road', 'toll_rate')
$$;
CREATE OR REPLACE FUNCTION register_key(p_kind text, p_id text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_kind WHEN 'facility' THEN pg_catalog.jsonb_build_object('id', p_id)
        WHEN 'calendar_day' THEN pg_catalog.jsonb_build_object('day', p_id)
        WHEN 'road' THEN pg_catalog.jsonb_build_object('road', p_id)
        WHEN 'authority_rule' THEN pg_catalog.jsonb_build_object('kind', split_part(p_id, ':', 1), 'what', substr(p_id, strpos(p_id, ':') + 1))
        WHEN 'toll_rate' THEN pg_catalog.jsonb_build_object('vehicle_class', split_part(p_id, ':', 1), 'road_class', substr(p_id, strpos(p_id, ':') + 1))
        ELSE pg_catalog.jsonb_build_object('code', p_id) END
$$;
