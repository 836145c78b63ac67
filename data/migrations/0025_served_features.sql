-- Kept plans on the map: their line is in the row, written when the plan is kept, and gone when it is taken back.
SET LOCAL search_path = baochang, public;

ALTER TABLE stored_plan ADD COLUMN route geometry(MultiLineString, 4490); -- NULL: kept before there was this column
CREATE INDEX ON stored_plan USING gist (route);
CREATE OR REPLACE FUNCTION stored_plan_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'withdrawn' THEN RAISE EXCEPTION 'a plan that is kept does not change' USING ERRCODE = 'check_violation'; END IF;
    NEW.route := NULL;
    RETURN NEW;
END $$;
-- Of those that are there already, the ones whose answer has its lines as GeoJSON in degrees; encoded lines are rounded.
UPDATE stored_plan p
SET route = (SELECT ST_Multi(ST_Collect(ST_SetSRID(ST_GeomFromGeoJSON(leg.value ->> 'geometry'), 4490) ORDER BY leg.ordinality))
             FROM json_array_elements(p.answer::json #> '{plans,0,legs}') WITH ORDINALITY leg)
WHERE p.answer IS NOT NULL AND COALESCE(p.answer::json ->> 'crs', 'EPSG:4490') IN ('EPSG:4490', 'EPSG:4326')
  AND json_typeof(p.answer::json #> '{plans,0,legs,0,geometry}') = 'object';

-- Plans in the shape of map_feature. Only their owners see them: `plan` is for stored_plan_visible.
CREATE VIEW plan_feature AS
    SELECT 'plans' AS layer, p.number AS place, p.id, p.route::geometry AS geom, p.state, NULL::text AS jurisdiction,
           tstzrange(p.depart_at, p.arrive_at, '[]') AS effective, false AS open, p.state IN ('active', 'broken') AS current,
           stored_plan_json(p)::jsonb - '{id,reason}'::text[] AS properties, p AS plan
    FROM stored_plan p;
-- The roads of map_feature by themselves: a view of one table lets its index say where a page goes on, and makes no
-- properties of rows that are only counted.
CREATE VIEW road_feature AS
    SELECT 'roads' AS layer, r.id AS place, r.id::text AS id, r.geom::geometry AS geom, NULL::text AS state, NULL::text AS jurisdiction,
           NULL::tstzrange AS effective, true AS open, true AS current,
           jsonb_strip_nulls(jsonb_build_object('name', r.name, 'ref', r.ref, 'class', r.class, 'forward', r.forward, 'backward', r.backward,
               'speed_forward_kmh', r.speed_forward_kmh, 'speed_backward_kmh', r.speed_backward_kmh, 'max_height_m', r.max_height_m,
               'max_width_m', r.max_width_m, 'max_length_m', r.max_length_m, 'max_gross_t', r.max_gross_t, 'max_axle_load_t', r.max_axle_load_t,
               'max_axles', r.max_axles, 'bridge_limit_t', r.bridge_limit_t, 'hazmat', r.hazmat, 'bridge', r.bridge, 'tunnel', r.tunnel,
               'toll', r.toll)) AS properties
    FROM road r;
GRANT SELECT ON plan_feature, road_feature TO baochang_service;

-- Plans change without a counter: their version is the newest change while everything up to it is decided, and names
-- the whole snapshot while it is not, so that two states never have the same one.
CREATE OR REPLACE FUNCTION map_layer_version(p_layer text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_layer IN ('zones', 'checkpoints') THEN (SELECT version::text FROM baochang.rules_state)
                WHEN p_layer = 'closures' THEN (SELECT r.version || '.' || s.version FROM baochang.rules_state r, baochang.road_state s)
                WHEN p_layer = 'roads' THEN (SELECT version::text FROM baochang.road_state)
                WHEN p_layer = 'plans' THEN (
                    SELECT 'x' || COALESCE(n.xid::text, '0') ||
                           CASE WHEN n.xid >= pg_snapshot_xmin(s.now) THEN '.' || left(md5(s.now::text), 16) ELSE '' END
                    FROM (SELECT pg_current_snapshot() AS now) s, (SELECT (SELECT xid FROM baochang.stored_plan ORDER BY xid DESC LIMIT 1) AS xid) n) END
$$;
